import AgentTestSupport
import Foundation
import Glibc
import ManagerTestServer
import OperationProcesses
import Operative
import Testing

@Suite("Operations in Python at their edges", .timeLimit(.minutes(5)))
struct PythonEdgeTests {
    @Test("A cancelled operation's process ends with all that it has started, and is not answered")
    func cancelled() async throws {
        try await ManagedAgent.run([], python: try await TestPython.interpreter()) { agent in
            let delivery = agent.send(task("edgeplugin.ops.stubborn", agent))
            let child = try #require(Int32(try await ready(agent).split(separator: " ").last ?? ""))
            await agent.cancel("e1")
            #expect(await delivery.settled() == .acknowledged)
            #expect(agent.answers.isEmpty)
            #expect(kill(child, 0) == -1 && errno == ESRCH)
            #expect(agent.python?.ledger.groups.isEmpty == true)
            #expect(try leftovers(agent) == [])
        }
    }

    @Test("A process that ends by itself when it is told to is answered like any other")
    func tidy() async throws {
        try await ManagedAgent.run([], python: try await TestPython.interpreter(), grace: .seconds(60)) { agent in
            let delivery = agent.send(task("edgeplugin.ops.tidy", agent))
            _ = try await ready(agent)
            await agent.cancel("e1")
            #expect(await delivery.settled() == .acknowledged)
            #expect(agent.answers == [["ok": true, "result": "tidied up"]])
        }
    }

    @Test("A process that was killed by nobody here fails its operation for good")
    func terminated() async throws {
        #expect(
            try await error("edgeplugin.ops.terminated") == [
                "NonRecoverableError", [], "Process terminated (rc=-9)",
            ])
    }

    @Test("A process that leaves no output fails its operation, which may be tried again")
    func noOutput() async throws {
        #expect(
            try await error("edgeplugin.ops.no_output") == [
                "RecoverableError", [nil], "The operation's process ended without writing output.json.",
            ])
    }

    @Test("Arguments, the order of inputs, large numbers and text beyond ASCII reach the function as they were sent")
    func inputs() async throws {
        let answer = try await answer("edgeplugin.ops.echo") { body in
            body.replacing(
                "\"kwargs\":{",
                with: #""args":[1,"ü"],"kwargs":{"z":123456789012345678901234567890,"a":"日本 \u00e9","m":1.0,"#)
        }
        let result = answer["result"] ?? nil
        #expect(result["args"] == [1, "ü"])
        #expect(result["order"] == ["z", "a", "m"])
        #expect(result["types"] == ["int", "str", "float"])
        #expect(result["kwargs"]?["a"] == "日本 é")
    }

    @Test("Its directory has the original's name and is closed to others; what it prints is in the deployment's log")
    func directory() async throws {
        try await ManagedAgent.run([], python: try await TestPython.interpreter()) { agent in
            _ = await agent.send(task("edgeplugin.ops.where", agent)).settled()
            let result = agent.answers.first?["result"]
            #expect(result?[0]?.stringValue?.hasPrefix("task-edgeplugin.where-") == true)
            #expect(result?[1] == "0o700")
            #expect(result?[2] == "0o600")
            #expect(try leftovers(agent) == [])
            let log = try String(contentsOfFile: try #require(agent.python).logs + "/dep1.log", encoding: .utf8)
            #expect(log.contains("said by the operation\n"))
        }
    }

    @Test("What floods its output is all in the deployment's file, in order", arguments: [false, true])
    func flood(isWarm: Bool) async throws {
        signal(SIGPIPE, SIG_IGN)
        let flooded = String(repeating: "x", count: 1_000)
        try await ManagedAgent.run([], python: try await TestPython.interpreter(), isWarm: isWarm) { agent in
            _ = await agent.send(task("edgeplugin.ops.flood", agent, ["lines": 5_000])).settled()
            #expect(agent.answers == [["ok": true, "result": nil]])
            let log = try String(contentsOfFile: try #require(agent.python).logs + "/dep1.log", encoding: .utf8)
            let lines = log.split(separator: "\n").filter { $0.hasSuffix(" \(flooded)") }
            #expect(lines.map { $0.prefix { $0 != " " } } == (0..<5_000).map { "\($0)"[...] })
            #expect(log.hasSuffix("the last line\n"))
        }
    }

    @Test("The process inherits no secrets of the agent, and has its Python's directory in front of PATH")
    func environment() async throws {
        let python = try await TestPython.interpreter()
        let result = try await answer("edgeplugin.ops.variables")["result"] ?? nil
        #expect(result["OPERATIVE_BROKER_PASSWORD"] == nil)
        #expect(result["CLOUDIFY_DISPATCH"] == "true")
        #expect(result["PATH"] == .string(python.dropLast("/python".count) + ":/usr/bin:/bin"))
    }

    @Test("An operation that was begun before is resumed, and a function that is not resumable refuses that itself")
    func resumed() async throws {
        try await ManagedAgent.run([], python: try await TestPython.interpreter()) { agent in
            let sent = ManagedTask(name: "edgeplugin.ops.echo")
            agent.server.know(sent, state: "started")
            _ = await agent.send(sent.body(for: agent.server)).settled()
            let message = agent.answers.first?.value(at: "error.message")?.stringValue ?? ""
            #expect(message.hasPrefix("Cannot resume - operation not resumable: <function echo at"))
        }
    }

    @Test("Without Python an unknown task is refused as before")
    func noPython() async throws {
        try await ManagedAgent.run([Operation("test.run") { _ in }]) { agent in
            _ = await agent.send(task("edgeplugin.ops.echo", agent)).settled()
            #expect(
                agent.answers.first?.value(at: "error.message")?.stringValue?.hasPrefix(
                    "No operation is registered under the task name 'edgeplugin.ops.echo'.") == true)
        }
    }

    @Test("A Python without cloudify-common is named, with the setting")
    func noCommon() async throws {
        try await ManagedAgent.run([], python: "/usr/bin/env") { agent in
            _ = await agent.send(task("edgeplugin.ops.echo", agent)).settled()
            let message = agent.answers.first?.value(at: "error.message")?.stringValue ?? ""
            #expect(message.hasPrefix("/usr/bin/env has no cloudify-common"))
            #expect(message.contains("python.interpreter"))
        }
    }

    private func error(_ name: String, _ inputs: [String: PropertyValue] = [:]) async throws -> PropertyValue {
        let error = try await answer(name, inputs)["error"] ?? nil
        return [
            error["known_exception_type"] ?? nil, error["known_exception_type_args"] ?? nil, error["message"] ?? nil,
        ]
    }

    private func answer(
        _ name: String, _ inputs: [String: PropertyValue] = [:], change: (String) -> String = { $0 }
    ) async throws -> PropertyValue {
        let answer = Answer()
        try await ManagedAgent.run([], python: try await TestPython.interpreter()) { agent in
            let body = String(decoding: task(name, agent, inputs), as: UTF8.self)
            _ = await agent.send(Array(change(body).utf8)).settled()
            answer.value = agent.answers.first ?? nil
        }
        return answer.value
    }

    private final class Answer { var value: PropertyValue = nil }

    private func task(_ name: String, _ agent: ManagedAgent, _ inputs: [String: PropertyValue] = [:]) -> [UInt8] {
        let task = ManagedTask(name: name, inputs: inputs)
        agent.server.know(task)
        return task.body(for: agent.server)
    }

    /// Waits for the first log record, and returns its text.
    private func ready(_ agent: ManagedAgent) async throws -> String {
        await agent.server.received { !agent.server.store.logs.isEmpty }
        return agent.server.store.logs[0].value(at: "message.text")?.stringValue ?? ""
    }

    private func leftovers(_ agent: ManagedAgent) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: try #require(agent.python).temporary)
    }
}
