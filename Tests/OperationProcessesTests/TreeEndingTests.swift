import AgentExecutors
import Foundation
import OperationProcesses
import Synchronization
import Testing

@Suite("Ending whole trees of processes")
struct TreeEndingTests {
    private let mark = UUID().uuidString

    private var left: [Int32] { ProcessBench.processes(with: "MARK=\(mark)") }

    /// Three generations, one of them in a session of its own and with its parent gone, none of which heeds SIGTERM, and a flood.
    private let stubborn = """
        trap '' TERM
        (sh -c 'trap "" TERM; echo $$ >> pids; setsid sh -c "echo \\$\\$ >> pids; setsid sleep 600 & sleep 600"' &)
        sh -c 'sh -c "echo \\$\\$ >> pids; sleep 600; true"; true' &
        yes &
        while :; do sleep 600; done
        """

    private func begun(_ bench: ProcessBench) async throws {
        try await bench.until("three generations") {
            (bench.contents("pids")?.split(separator: "\n").count ?? 0) >= 3 && left.count >= 8
        }
    }

    @Test("A cancelled task leaves nothing running: deaf, in other sessions, without parents or flooding")
    func cancelled() async throws {
        let bench = try ProcessBench(grace: .milliseconds(300))
        let request = bench.shell(stubborn, environment: ["MARK": mark])
        let running = Task { try await bench.runner.run(request, onStart: { _ in }, onLine: { _, _ in }) }
        try await begun(bench)
        defer { for pid in left { kill(pid, SIGKILL) } }
        running.cancel()
        #expect(try await running.value == .signalled(SIGKILL))
        #expect(left.isEmpty)
        #expect(bench.ledger.groups.isEmpty)
    }

    @Test("A program that heeds SIGTERM has the grace to end in its own way, and its last lines arrive")
    func heeded() async throws {
        let bench = try ProcessBench(grace: .seconds(60))
        let lines = Mutex([String]())
        let request = bench.shell(
            "exec 2> /dev/null; trap 'echo tidying; exit 4' TERM; echo ready; while :; do sleep 0.01; done",
            environment: ["MARK": mark])
        let running = Task {
            try await bench.runner.run(
                request, onStart: { _ in },
                onLine: { channel, line in
                    // What the shell says of the sleep that was ended, too, is its own matter.
                    if channel == .output { lines.withLock { $0.append(line) } }
                })
        }
        try await bench.until("the first line") { lines.withLock { $0 == ["ready"] } }
        running.cancel()
        #expect(try await running.value == .exited(4))
        #expect(lines.withLock { $0 } == ["ready", "tidying"])
        #expect(left.isEmpty)
    }

    @Test("A task that is cancelled already starts nothing")
    func cancelledBefore() async throws {
        let bench = try ProcessBench()
        let gate = Gate()
        let running = Task {
            await gate.wait()
            return try await bench.run(bench.shell("touch begun"))
        }
        running.cancel()
        gate.open()
        await #expect(throws: CancellationError.self) { try await running.value }
        #expect(!bench.exists("begun"))
    }

    @Test("When the launcher is killed, what it kept together is ended all the same and the caller hears of it")
    func launcherKilled() async throws {
        let bench = try ProcessBench(grace: .milliseconds(300))
        let request = bench.shell(stubborn, environment: ["MARK": mark])
        let running = Task { try await bench.runner.run(request, onStart: { _ in }, onLine: { _, _ in }) }
        try await begun(bench)
        let group = try #require(bench.ledger.groups.keys.first)
        kill(group.pid, SIGKILL)
        let failure = await #expect(throws: ProcessFailure.self) { try await running.value }
        #expect(failure?.description.contains("launcher") == true)
        #expect(left.isEmpty)
    }

    @Test("A recorded group is ended by another agent, with all that belongs to it")
    func orphans() async throws {
        let bench = try ProcessBench(grace: .milliseconds(300))
        let request = bench.shell(stubborn, environment: ["MARK": mark])
        let running = Task { try await bench.runner.run(request, onStart: { _ in }, onLine: { _, _ in }) }
        try await begun(bench)
        let group = try #require(bench.ledger.groups.keys.first)
        #expect(await TreeEnding(timers: TimerThread(), grace: .milliseconds(300)).end(group))
        #expect(left.isEmpty)
        #expect(try await running.value == .signalled(SIGKILL))
    }

    @Test("A number that another process has now, or that is of another start of the machine, is not touched")
    func reusedNumber() async throws {
        let bench = try ProcessBench()
        let request = bench.shell("echo ready; while [ ! -e end ]; do sleep 0.01; done", environment: ["MARK": mark])
        let ready = Gate()
        let running = Task { try await bench.runner.run(request, onStart: { _ in }, onLine: { _, _ in ready.open() }) }
        await ready.wait()
        let group = try #require(bench.ledger.groups.keys.first)
        let ending = TreeEnding(timers: TimerThread(), grace: .zero)
        #expect(await ending.end(ProcessGroup(pid: group.pid, startTime: group.startTime + 1, boot: group.boot)))
        #expect(await ending.end(ProcessGroup(pid: group.pid, startTime: group.startTime, boot: "another")))
        #expect(!left.isEmpty)
        try Data().write(to: URL(filePath: "\(bench.directory)/end"))
        #expect(try await running.value == .exited(0))
    }
}
