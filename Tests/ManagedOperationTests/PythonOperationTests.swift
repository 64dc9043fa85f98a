import AgentTestSupport
import Foundation
import Glibc
import ManagerTestServer
import Operative
import Testing

/// What the original answers for operations of a Python plugin, against what this agent answers for the same messages with the same plugin.
@Suite("Recorded operations in Python", .timeLimit(.minutes(5)))
struct PythonOperationTests {
    private static let operations = [
        "central", "custom", "dirty_then_refresh", "envs", "exit3", "http", "inputs", "missing_func", "missing_module",
        "none", "nonrecoverable", "plain", "recoverable", "recoverable_after", "recoverable_causes", "retry",
        "retry_plain", "slow", "slow_recoverable", "sys_exit", "unserializable", "workflow_failed",
    ]

    private static let edges = [
        "operation_record_present", "operation_record_missing_404", "execution_already_cancelled",
        "execution_token_unauthorized", "redelivered_resumable", "resume_flag_in_context",
        "bypass_maintenance_and_execution_env", "context_without_plugin", "kill_cancelled_raised_in_plugin",
        "stop_agent",
    ]

    @Test("Replies, log records and events are those that were recorded", arguments: operations)
    func replies(_ name: String) async throws {
        let python = try await TestPython.interpreter()
        try await ManagedAgent.run([], python: python) { agent in try await replay(name, agent) }
    }

    @Test("They are the same with the dispatcher that forks where it can, one after the other")
    func warmReplies() async throws {
        // As the agent does: a parent that is gone must not end this process.
        signal(SIGPIPE, SIG_IGN)
        let python = try await TestPython.interpreter()
        try await ManagedAgent.run([], python: python, isWarm: true) { agent in
            for name in Self.operations { try await replay(name, agent) }
            for name in Self.edges where name != "stop_agent" { try await replayRequests(name, agent) }
            try await replayRequests("stop_agent", agent)
            // In a Python of its own: a module that is not there, and two with variables of their own.
            let place = try #require(agent.python)
            #expect(
                place.cold.runs == 3 && place.dispatched.runs > 20, "\(place.cold.runs) of \(place.dispatched.runs)")
        }
    }

    private func replay(_ name: String, _ agent: ManagedAgent) async throws {
        let fixture = try fixture("operations/\(name)")
        let messages = fixture["messages"]?.arrayValue ?? []
        let before = agent.answers.count
        let recordsBefore = (agent.server.store.logs.count, agent.server.store.events.count)
        agent.server.change { store in
            store.evaluate = { Self.evaluate($1) }
            // Each was recorded with instances of its own.
            store.instances = [:]
        }
        for message in messages where message["ok"] == nil {
            _ = await agent.send(know(message, agent.server)).settled()
        }
        let expected = messages.filter { $0["ok"] != nil }.map { agent.readable(withOwnText($0)) }
        #expect(!expected.isEmpty)
        #expect(agent.answers.dropFirst(before).map { agent.readable($0) } == expected, "\(name)")
        #expect(records(agent.server.store, from: recordsBefore) == fixture["records"]?.arrayValue, "\(name)")
        let place = try #require(agent.python)
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.temporary) == [], "\(name)")
    }

    private static func evaluate(_ payload: PropertyValue) -> PropertyValue {
        var evaluated = payload.objectValue ?? [:]
        evaluated["evaluated"] = "cloudify.interfaces.lifecycle.create"
        return .object(evaluated)
    }

    /// Level or type, and text, of the log records and then of the plugin's events.
    private func records(_ store: ManagerStore, from start: (logs: Int, events: Int)) -> [PropertyValue] {
        var records: [PropertyValue] = []
        for log in store.logs.dropFirst(start.logs) {
            records.append(["level": log["level"] ?? nil, "text": log.value(at: "message.text") ?? nil])
        }
        for event in store.events.dropFirst(start.events) where event["event_type"] == "plugin_event" {
            records.append(["event": event["event_type"] ?? nil, "text": event.value(at: "message.text") ?? nil])
        }
        return records
    }

    @Test("What the manager is asked and told around them is what was recorded", arguments: edges)
    func requests(_ name: String) async throws {
        let python = try await TestPython.interpreter()
        try await ManagedAgent.run([], python: python) { agent in try await replayRequests(name, agent) }
    }

    private func replayRequests(_ name: String, _ agent: ManagedAgent) async throws {
        let fixture = try fixture(name)
        let before = agent.answers.count
        agent.server.clearFaults()
        agent.server.clearRequests()
        let recorded = (fixture["rest"]?.arrayValue ?? []).filter { !isEvents($0["path"]?.stringValue) }
        for request in recorded { agent.server.answer(asRecorded: request) }
        let body = try #require(fixture.value(at: "request.body"))
        #expect(await agent.send(agent.server.own(body)).settled() == .acknowledged)
        let requests = agent.server.requests.filter { !isEvents($0.path) }
        #expect(requests.map { "\($0.method) \($0.path)?\($0.query)" } == recorded.map(line))
        for (request, recorded) in zip(requests, recorded) {
            #expect(request.json ?? nil == recorded["body"] ?? nil)
            for header in ["Execution-Token", "Tenant", "X-BYPASS-MAINTENANCE"] {
                #expect(request.header(header) == recorded["headers"]?[header]?.stringValue, "\(header)")
            }
        }
        let response = fixture["response"] ?? nil
        let expected = response.isNull ? [] : [agent.readable(withOwnText(response))]
        #expect(agent.answers.dropFirst(before).map { agent.readable($0) } == expected, "\(name)")
    }

    private func isEvents(_ path: String?) -> Bool { path?.hasSuffix("/events") == true }

    private func line(_ request: PropertyValue) -> String {
        let parts = ["method", "path", "query"].map { request[$0]?.stringValue ?? "" }
        return "\(parts[0]) \(parts[1])?\(parts[2])"
    }

    /// Makes known to the manager what a recorded message refers to, and sends the message there.
    private func know(_ message: PropertyValue, _ server: TestManager) -> [UInt8] {
        let context = message.value(at: "cloudify_task.kwargs.__cloudify_context") ?? nil
        let execution = context["execution_id"]?.stringValue ?? ""
        let task = context["task_id"]?.stringValue ?? ""
        let node = context["node_name"]?.stringValue ?? ""
        let instance = context["node_id"]?.stringValue ?? ""
        server.change { store in
            store.executions[execution] = ["id": .string(execution), "status": "started"]
            store.operations[task] = ["id": .string(task), "state": "sent"]
            if store.instances[instance] == nil {
                store.addNode(node)
                store.addInstance(instance, node: node)
            }
        }
        return server.own(message)
    }

    /// A failed workflow has a traceback here: the engine joins those of all causes, which it cannot do with null.
    private func withOwnText(_ reply: PropertyValue) -> PropertyValue {
        guard reply.value(at: "error.known_exception_type") == "WorkflowFailed" else { return reply }
        let text = reply.jsonString.replacing("\"traceback\":null", with: "\"traceback\":\"WorkflowFailed: wf failed\"")
        return (try? PropertyValue(json: Array(text.utf8))) ?? reply
    }

    private func fixture(_ name: String) throws -> PropertyValue {
        let directory = try #require(Bundle.module.resourceURL).appending(path: "Fixtures")
        return try PropertyValue(json: Array(Data(contentsOf: directory.appending(path: "\(name).json"))))
    }
}
