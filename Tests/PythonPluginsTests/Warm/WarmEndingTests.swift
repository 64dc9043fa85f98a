import Foundation
import Glibc
import Logging
import OperationProcesses
import Testing

@testable import PythonPlugins

/// Children end as processes of their own would, and leave nothing behind.
@Suite("Ends of warm functions in Python")
struct WarmEndingTests {
    @Test(
        "A cancelled operation ends with everything that it has started, the parent works on", .timeLimit(.minutes(5)))
    func cancel() async throws {
        let module = """
            import os, signal, subprocess, time
            def run(folder, **_):
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                child = subprocess.Popen(["sh", "-c", "trap '' TERM; (trap '' TERM; sleep 1000 & wait) & echo $! > %s/grandchild; wait" % folder])
                while not os.path.exists(folder + "/grandchild") or not os.path.getsize(folder + "/grandchild"): time.sleep(0.02)
                with open(folder + "/all", "w") as file: file.write("%d %d %d" % (os.getpid(), child.pid, os.getppid()))
                os.rename(folder + "/all", folder + "/known")
                time.sleep(1000)
            def parent(**_): return os.getppid()
            """
        try await WarmFixture.with(["stubborn": module]) { (fixture: WarmFixture) async throws in
            let running = Task { try await fixture.run("stubborn.run") }
            try await eventually("the operation began") { fixture.plugin.contents("known") != nil }
            let known = try #require(fixture.plugin.contents("known")).split(separator: " ").compactMap { Int32($0) }
            let grandchild = try #require(fixture.plugin.contents("grandchild").flatMap { Int32($0.dropLast()) })
            #expect(fixture.ledger.groups.keys.map(\.pid) == [known[0]])
            running.cancel()
            #expect(try await running.value.end == .signalled(SIGKILL))
            for pid in [known[0], known[1], grandchild] { #expect(!isRunning(pid)) }
            #expect(fixture.ledger.groups.isEmpty)
            #expect(try await fixture.run("stubborn.parent").payload == "\(known[2])")
            #expect(fixture.cold.count == 0)
        }
    }

    @Test(
        "What a child has only forked is found when the child is gone, in whatever session it is",
        .timeLimit(.minutes(5)), arguments: [false, true])
    func forkedOnly(leavesSession: Bool) async throws {
        let module = """
            import os, time
            def run(folder, **_):
                if os.fork() == 0:
                    \(leavesSession ? "os.setsid()" : "pass")
                    with open(folder + "/new", "w") as file: file.write(str(os.getpid()))
                    os.rename(folder + "/new", folder + "/known")
                time.sleep(1000)
            """
        try await WarmFixture.with(["forks": module]) { (fixture: WarmFixture) async throws in
            let running = Task { try await fixture.run("forks.run") }
            try await eventually("the operation began") { fixture.plugin.contents("known") != nil }
            let forked = try #require(fixture.plugin.contents("known").flatMap { Int32($0) })
            let group = try #require(fixture.ledger.groups.keys.first)
            kill(group.pid, SIGKILL)
            #expect(try await running.value.end == .signalled(SIGKILL))
            #expect(isRunning(forked))
            // As the next start of an agent does that knows the group from its journal.
            #expect(await TreeEnding(timers: ProcessThreads.timers, grace: .milliseconds(300)).end(group))
            #expect(!isRunning(forked))
            #expect(fixture.cold.count == 0)
        }
    }

    @Test("What a finished operation left running stays", .timeLimit(.minutes(5)))
    func daemon() async throws {
        let module = """
            import subprocess
            def run(**_): return subprocess.Popen(["sleep", "1000"], start_new_session=True).pid
            """
        var pid: Int32 = 0
        try await WarmFixture.with(["leaves": module]) { (fixture: WarmFixture) async throws in
            pid = try #require(try await fixture.run("leaves.run").payload.flatMap { Int32($0) })
        }
        #expect(isRunning(pid))
        kill(pid, SIGKILL)
    }

    @Test(
        "The process is in the ledger before it does anything, and its ledger's refusal keeps it from beginning",
        .timeLimit(.minutes(5)))
    func ledger() async throws {
        struct Refusal: Error {}
        struct Refusing: ProcessLedger {
            func began(_ group: ProcessGroup, owner: String) async throws { throw Refusal() }
            func ended(_ group: ProcessGroup) async {}
        }
        try await WarmFixture.with(["plain": "def run(folder, **_): open(folder + '/began', 'w').close()"]) {
            (fixture: WarmFixture) async throws in
            let warm = WarmDispatcher(cold: fixture.cold, ledger: Refusing(), logger: .init(label: "warm"))
            await #expect(throws: Refusal.self) { try await fixture.plugin.run("plain.run", by: warm) }
            await warm.close()
            #expect(fixture.plugin.contents("began") == nil)
            #expect(fixture.cold.count == 0)
        }
    }

    @Test("200 operations, 8 at a time, leave no descriptor and no process", .timeLimit(.minutes(5)))
    func many() async throws {
        let module = """
            import os
            def run(**_): return len(os.listdir("/proc/self/fd"))
            """
        try await WarmFixture.with(["plain": module]) { (fixture: WarmFixture) async throws in
            let first = try await fixture.run("plain.run").payload
            let before = descriptors()
            try await withThrowingTaskGroup(of: String?.self) { group in
                for number in 0..<200 {
                    if number >= 8 { #expect(try await group.next() == first) }
                    group.addTask { try await fixture.run("plain.run").payload }
                }
                for try await payload in group { #expect(payload == first) }
            }
            #expect(fixture.cold.count == 0)
            #expect(fixture.ledger.groups.isEmpty)
            try await eventually("no pipe or file of an operation is left open") { descriptors() <= before }
        }
    }

    /// How many pipes and files this process has open; sockets belong to tests beside this one.
    private func descriptors() -> Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        let targets = names.compactMap {
            try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
        }
        return targets.filter { $0.contains("/warm-") }.count
    }
}
