import AgentExecutors
import Foundation
import Synchronization
import Testing

@testable import OperationProcesses

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

    @Test(
        "With launcher and agent killed, what has cleared its environment is found by its session",
        arguments: [false, true])
    func clearedEnvironment(isAlone: Bool) async throws {
        let bench = try ProcessBench()
        // This test is the agent of a launcher that no run follows.
        let outlets = try ProcessOutlets.file(nil)
        let launcher = try ChildProcess(
            [try OperationLauncher.find()], input: outlets.launcher, output: outlets.output, error: outlets.error)
        for descriptor in [outlets.launcher, outlets.output, outlets.error] { close(descriptor) }
        let bare =
            "env -i /bin/sh -c 'trap \"\" TERM; (trap \"\" TERM; sleep 600)& echo $! >> pids; echo $$ >> pids; wait'"
        let script = isAlone ? "exec \(bare)" : "(\(bare))& wait"
        let control = LauncherControl(outlets.control)
        #expect(
            control.prepare(
                try LauncherInstructions.encode(bench.shell(script), cgroup: nil, grace: .milliseconds(200))))
        var reader = LineSplitter()
        var lines: [String] = []
        try await bench.until("the process that is to become the program") {
            if case .bytes(let bytes) = ProcessInlet.read(outlets.control) { lines += reader.add(bytes) }
            return !lines.isEmpty
        }
        guard case .forked(let program) = LauncherMessage(lines[0]) else { throw ProcessFailure("\(lines)") }
        let group = try ProcessGroup(leader: launcher.pid, session: program)
        #expect(control.launch())
        try await bench.until("the program") { bench.contents("pids")?.split(separator: "\n").count == 2 }
        let pids = try #require(bench.contents("pids")).split(separator: "\n").compactMap { Int32($0) }
        launcher.kill()
        control.close()
        #expect(await launcher.end() == .signalled(SIGKILL))
        #expect(pids.count == 2 && pids.allSatisfy { ProcessSnapshot(pid: $0) != nil })
        // Alone, without anything that carries the mark, it is found while the leader's number is certainly its own.
        let ending = TreeEnding(timers: TimerThread(), grace: .milliseconds(200))
        #expect(await ending.end(group, wasFollowed: isAlone))
        #expect(pids.allSatisfy { ProcessSnapshot(pid: $0) == nil })
    }

    @Test(
        "Where the system gives no descriptor for a process, signals go to its number while that is certainly its own")
    func withoutHandles() async throws {
        let bench = try ProcessBench()
        let running = Task { try await bench.run(bench.shell("echo $$ > pid; exec sleep 600")) }
        try await bench.until("the program") { bench.contents("pid")?.hasSuffix("\n") == true }
        let pid = try #require(bench.contents("pid").flatMap { Int32($0.dropLast()) })
        let process = try #require(ProcessSnapshot(pid: pid)).identity
        let other = ProcessSnapshot.Identity(pid: pid, startTime: process.startTime + 1)
        if ProcessHandle(other, open: { _ in -1 }) != nil { Issue.record("the number is another process's") }
        if let handle = ProcessHandle(process, open: { _ in -1 }) { handle.send(SIGTERM) }
        #expect(try await running.value.end == .signalled(SIGTERM))
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
