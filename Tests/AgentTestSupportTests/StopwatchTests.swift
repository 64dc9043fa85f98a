import Foundation
import Subprocess
import Testing

@testable import AgentTestSupport

@Suite("The stopwatch of tests with time limits", .timeLimit(.minutes(2)))
struct StopwatchTests {
    private let began = ContinuousClock.now

    private func instant(_ milliseconds: Int) -> ContinuousClock.Instant { began + .milliseconds(milliseconds) }

    private func count() -> LagCount { LagCount(from: began, interval: .milliseconds(5)) }

    @Test("Where nobody was late all of the time counts")
    func quiet() {
        var count = count()
        for moment in stride(from: 5, through: 100, by: 5) {
            count.threadRuns(at: instant(moment))
            let asks = count.wantsPlace(at: instant(moment))
            #expect(asks)
            count.gotPlace(at: instant(moment))
        }
        // Earlier than it wanted is no credit.
        count.threadRuns(at: instant(101))
        #expect(count.counted(at: instant(102)) == .milliseconds(102))
    }

    @Test("What the thread or the pool was late does not count: the more of both, not their sum")
    func late() {
        var count = count()
        count.threadRuns(at: instant(15))
        count.threadRuns(at: instant(40))
        #expect(count.counted(at: instant(45)) == .milliseconds(15))
        // Who waits is late by now.
        #expect(count.counted(at: instant(60)) == .milliseconds(15))
        for moment in stride(from: 45, through: 100, by: 5) { count.threadRuns(at: instant(moment)) }
        #expect(count.counted(at: instant(100)) == .milliseconds(70))
        let asks = [count.wantsPlace(at: instant(10)), count.wantsPlace(at: instant(15))]
        #expect(asks == [true, false])
        #expect(count.counted(at: instant(100)) == .milliseconds(10))
        count.gotPlace(at: instant(60))
        count.gotPlace(at: instant(90))
        #expect(count.counted(at: instant(100)) == .milliseconds(50))
        let asksAgain = count.wantsPlace(at: instant(70))
        #expect(asksAgain)
        count.threadRuns(at: instant(2000))
        #expect(count.counted(at: instant(2000)) == .milliseconds(20))
    }

    @Test("A real delay is counted, of a thread that sleeps and of a task that does", .ownProcess)
    func realDelay() async {
        // Where others take the processors all the while, only the upper bound can be told; that does not last.
        var counted: [Duration] = []
        for _ in 0..<30 {
            counted = [
                await Stopwatch.measure { await sleepOnThread(1) },
                await Stopwatch.measure { try? await Task.sleep(for: .seconds(1)) },
            ]
            #expect(counted.allSatisfy { $0 < .seconds(60) })
            if counted.allSatisfy({ $0 > .milliseconds(500) }) { return }
        }
        Issue.record("one second counts as \(counted)")
    }

    private func sleepOnThread(_ seconds: Double) async {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                Thread.sleep(forTimeInterval: seconds)
                continuation.resume()
            }
        }
    }

    @Test("A watch that is begun anew forgets what was")
    func restart() async throws {
        let watch = Stopwatch()
        try await Task.sleep(for: .milliseconds(1500))
        watch.restart()
        let counted = watch.stop()
        #expect(counted < .milliseconds(700), "\(counted)")
        #expect(watch.stop() >= counted)
    }

    @Test("Time in which the process was not let run does not count, real delays beside it do", .ownProcess)
    func stopped() async throws {
        // Nobody else is stopped there.
        let counted = try await Stopwatch.measure {
            try await Command.run("sh", ["-c", "kill -STOP \(getpid()); sleep 2; kill -CONT \(getpid())"])
        }
        #expect(counted < .seconds(1), "\(counted)")
        let both = try await Stopwatch.measure {
            try await Command.run("sh", ["-c", "kill -STOP \(getpid()); sleep 1; kill -CONT \(getpid()); sleep 1"])
        }
        #expect(both < .milliseconds(1800), "\(both)")
    }

    @Test("Time in which the shared pool had no place does not count", .ownProcess)
    func heldPool() async throws {
        let (counted, isHeld) = try await HeldSharedPool.run {
            await Stopwatch.measure {
                await sleepOnThread(2)
            }
        }
        #expect(isHeld && counted < .seconds(1), "\(counted)")
    }

    @Test(
        "The stopwatch of the Python checks counts real delays, and not the time in which its process was not let run")
    func python() async throws {
        let directory = Command.repositoryRoot + "/Tests/InteropTests/manager"
        let output = try await Command.run("python3", ["-c", Self.pythonChecks, directory])
        #expect(output == "ok\n")
    }

    private static let pythonChecks = """
        import os, subprocess, sys, time
        sys.path.insert(0, sys.argv[1])
        from stopwatch import Stopwatch

        def measured(command):
            with Stopwatch() as watch:
                subprocess.run(["sh", "-c", command.replace("PID", str(os.getpid()))])
            return watch

        real = measured("sleep 1")
        assert real.took >= 1 and 0 <= real.counted <= real.took, (real.took, real.counted)
        stopped = measured("kill -STOP PID; sleep 2; kill -CONT PID")
        assert stopped.took >= 2 and stopped.counted < 1, (stopped.took, stopped.counted)
        both = measured("kill -STOP PID; sleep 1; kill -CONT PID; sleep 1")
        assert both.took >= 2 and both.counted < 1.8, (both.took, both.counted)
        try:
            with Stopwatch() as broken:
                raise KeyError
        except KeyError:
            assert broken.counted < 1
        print("ok")
        """
}
