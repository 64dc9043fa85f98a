import AgentExecutors
import AgentTestSupport
import Foundation
import Glibc
import OperationProcesses
import Testing

@testable import PythonPlugins

/// Parents come, go, die and hang; operations do not notice.
@Suite("Resident parents of functions in Python")
struct WarmParentTests {
    private static let module = """
        import os, time
        def run(folder, **_):
            with open(os.path.join(folder, "runs"), "a") as file: file.write("run\\n")
            return os.getppid()
        def wait(folder, **_):
            with open(os.path.join(folder, "waits"), "a") as file: file.write("%d %d\\n" % (os.getpid(), os.getppid()))
            while not os.path.exists(os.path.join(folder, "enough")): time.sleep(0.02)
            return "waited"
        """

    @Test("Operations of one environment are children of one parent", .timeLimit(.minutes(5)))
    func oneParent() async throws {
        try await WarmFixture.with(["plain": Self.module]) { (fixture: WarmFixture) async throws in
            let parents = [try await fixture.run("plain.run").payload, try await fixture.run("plain.run").payload]
            #expect(parents[0] != nil && parents[0] == parents[1])
            #expect(fixture.cold.count == 0)
        }
    }

    @Test("An operation with variables of its own, limits or another user runs cold", .timeLimit(.minutes(5)))
    func specialCases() async throws {
        try await WarmFixture.with(["plain": Self.module]) { (fixture: WarmFixture) async throws in
            var requests = [DispatchRequest](repeating: try fixture.plugin.request("plain.run"), count: 3)
            requests[0].hasOwnVariables = true
            requests[1].limits.openFiles = 1000
            requests[2].user = "nobody-has-this-name"
            for request in requests { _ = try? await fixture.warm.run(request) { _ in } }
            #expect(fixture.cold.count == 3)
        }
    }

    @Test("A parent that is killed loses no operation, and none runs twice", .timeLimit(.minutes(5)))
    func killedParent() async throws {
        try await WarmFixture.with(["plain": Self.module]) { (fixture: WarmFixture) async throws in
            let running = Task { try await fixture.run("plain.wait") }
            try await eventually("the operation began") { fixture.plugin.contents("waits")?.hasSuffix("\n") == true }
            let parent = try #require(fixture.plugin.contents("waits")?.split(whereSeparator: \.isWhitespace).last)
            kill(try #require(Int32(parent)), SIGKILL)
            try "".write(toFile: fixture.plugin.file("enough"), atomically: true, encoding: .utf8)
            let outcome = try await running.value
            #expect(outcome.end == .exited(0) && outcome.payload == "\"waited\"")
            #expect(fixture.plugin.contents("waits")?.split(separator: "\n").count == 1)
            // The next one has a new parent.
            #expect(try await fixture.run("plain.run").payload != String(parent))
            #expect(fixture.cold.count == 0)
            #expect(fixture.ledger.groups.isEmpty)
        }
    }

    @Test(
        "A parent that hangs is ended: what it was asked for runs cold, what it had begun ends with its result",
        .timeLimit(.minutes(5)))
    func hangingParent() async throws {
        let settings = WarmSettings(answerLimit: .seconds(2))
        try await WarmFixture.with(["plain": Self.module], settings: settings) { (fixture: WarmFixture) async throws in
            let running = Task { try await fixture.run("plain.wait") }
            try await eventually("the operation began") { fixture.plugin.contents("waits")?.hasSuffix("\n") == true }
            let parent = try #require(fixture.plugin.contents("waits")?.split(whereSeparator: \.isWhitespace).last)
            kill(try #require(Int32(parent)), SIGSTOP)
            let next = try await fixture.run("plain.run")
            #expect(next.end == .exited(0))
            try "".write(toFile: fixture.plugin.file("enough"), atomically: true, encoding: .utf8)
            #expect(try await running.value.payload == "\"waited\"")
            #expect(fixture.plugin.contents("runs") == "run\n")
            #expect(fixture.plugin.contents("waits")?.split(separator: "\n").count == 1)
            #expect(fixture.cold.count == 1)
        }
    }

    @Test("An import that never returns leaves its operation to the cold way", .timeLimit(.minutes(5)))
    func hangingImport() async throws {
        let module = """
            import os, time
            if os.readlink("/proc/self/fd/1").startswith("/memfd"): time.sleep(1000)
            def run(**_): return 1
            """
        try await WarmFixture.with(["sleepy": module], settings: WarmSettings(importLimit: .seconds(8))) {
            (fixture: WarmFixture) async throws in
            #expect(try await fixture.run("sleepy.run").payload == "1")
            #expect(fixture.cold.count == 1)
        }
    }

    @Test("The agent's end does not wait for a parent that does nothing, not even end", .timeLimit(.minutes(5)))
    func stoppedParent() async throws {
        try await WarmFixture.with(["plain": Self.module]) { (fixture: WarmFixture) async throws in
            let parent = try #require(try await fixture.run("plain.run").payload.flatMap { Int32($0) })
            kill(parent, SIGSTOP)
            await fixture.warm.close()
            #expect(!isRunning(parent))
        }
    }

    @Test(
        "Operations run warm while plugins hold all threads of Swift's shared pool", .ownProcess,
        .timeLimit(.minutes(5)))
    func sharedPoolHeld() async throws {
        let module = "import os\ndef run(**_): return os.getppid()"
        try await WarmFixture.with(["plain": module], settings: WarmSettings(idle: .milliseconds(200))) {
            (fixture: WarmFixture) async throws in
            let (outcome, isHeld) = try await HeldSharedPool.run {
                let outcome = try await fixture.run("plain.run")
                let parent = try #require(outcome.payload.flatMap { Int32($0) })
                // Its idleness is noticed as well.
                while isRunning(parent) { await ProcessThreads.timers.sleep(for: .milliseconds(20)) }
                return outcome
            }
            #expect(outcome.end == .exited(0))
            #expect(isHeld, "only when the threads were free again")
            #expect(fixture.cold.count == 0)
        }
    }

    @Test("A plugin whose files have changed runs as it is now", .timeLimit(.minutes(5)))
    func changedFiles() async throws {
        try await WarmFixture.with(["plain": "def run(**_): return 'old'"]) { (fixture: WarmFixture) async throws in
            #expect(try await fixture.run("plain.run").payload == "\"old\"")
            try fixture.plugin.write("plain", "def run(**_): return 'new, and longer'")
            #expect(try await fixture.run("plain.run").payload == "\"new, and longer\"")
            #expect(fixture.cold.count == 0)
        }
    }

    @Test("A parent ends when it was idle for long, and after its number of operations", .timeLimit(.minutes(5)))
    func retirement() async throws {
        try await WarmFixture.with(["plain": Self.module], settings: WarmSettings(operations: 2)) {
            (fixture: WarmFixture) async throws in
            var parents: [String?] = []
            for _ in 0..<5 { parents.append(try await fixture.run("plain.run").payload) }
            #expect(parents[0] == parents[1] && parents[2] == parents[3] && Set(parents).count == 3)
            #expect(fixture.cold.count == 0)
        }
        try await WarmFixture.with(["plain": Self.module], settings: WarmSettings(idle: .milliseconds(200))) {
            fixture in
            let parent = try #require(try await fixture.run("plain.run").payload.flatMap { Int32($0) })
            try await eventually("the parent ended") { !isRunning(parent) }
        }
    }

    @Test(
        "There are no more parents than allowed: the longest unused makes room, and none that works does",
        .timeLimit(.minutes(5)))
    func fewParents() async throws {
        try await WarmFixture.with(["plain": Self.module], settings: WarmSettings(parents: 1)) {
            (fixture: WarmFixture) async throws in
            let first = try #require(try await fixture.run("plain.run").payload.flatMap { Int32($0) })
            let running = Task { try await fixture.run("plain.wait", variables: ["OTHER": "1"]) }
            try await eventually("the other environment's operation began") { fixture.plugin.contents("waits") != nil }
            try await eventually("the first parent made room") { !isRunning(first) }
            _ = try await fixture.run("plain.run")
            #expect(fixture.cold.count == 1)
            try "".write(toFile: fixture.plugin.file("enough"), atomically: true, encoding: .utf8)
            #expect(try await running.value.payload == "\"waited\"")
        }
    }

    @Test(
        "No parent outlives the agent, not even one that hangs in an import", .timeLimit(.minutes(5)),
        arguments: [false, true])
    func killedAgent(hangs: Bool) async throws {
        let module = """
            import os, time
            def tell(pid):
                with open(os.environ["PYTHONPATH"] + "/parent", "w") as file: file.write(str(pid))
                os.rename(os.environ["PYTHONPATH"] + "/parent", os.environ["PYTHONPATH"] + "/known")
            \(hangs ? "tell(os.getpid()); time.sleep(1000)" : "")
            def run(**_): tell(os.getppid())
            """
        let plugin = try await PluginFolder(["lasting": module])
        defer { plugin.remove() }
        let agent = Process()
        agent.executableURL = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appending(path: "python-operations")
        agent.arguments = [plugin.interpreter, "hold", "lasting.run"]
        agent.environment = ["PYTHONPATH": plugin.file("modules"), "TMPDIR": plugin.path]
        agent.standardOutput = FileHandle.nullDevice
        try agent.run()
        try await eventually("the parent is known") { plugin.contents("modules/known") != nil }
        let parent = try #require(plugin.contents("modules/known").flatMap { Int32($0) })
        #expect(isRunning(parent))
        kill(agent.processIdentifier, SIGKILL)
        try await eventually("the parent ended") { !isRunning(parent) }
    }
}
