import AgentTestSupport
import Operative
import Testing

/// The workflow engine of cloudify-common, as PyPI has it, in the place where a manager runs it: `python -m cloudify.dispatch`. It sends
/// its operations through a broker with a manager's permissions to `operative worker`, and what the agent reports is read back with
/// cloudify_rest_client.
@Suite("Workflows run by the engine of cloudify-common", .rabbitMQ, .timeLimit(.minutes(10)))
struct EngineTests {
    @Test(
        "install and uninstall: states, order of operations, runtime properties, retries, events and logs are as with a Python agent"
    )
    func lifecycle() async throws {
        let run = try await EngineRun("lifecycle")
        for name in ["install", "uninstall"] {
            let workflow = try #require(run.report[name])
            #expect(workflow["status"] == "terminated", run.story(of: name))
            #expect(workflow["output"] == ["type": "result", "payload": nil])
            // As the recorded graph has it: nothing missing, nothing more, nothing before its time.
            #expect(workflow["differences"] == [], run.story(of: name))
            // The engine deletes its reply queue only when nothing is left in it.
            #expect(workflow["replies_left"] == .null)
            let state: PropertyValue = name == "install" ? "started" : "deleted"
            for node in ["host", "db", "app", "bare"] {
                #expect(workflow["instances"]?[node]?["state"] == state)
            }
            let operations = try #require(workflow["operations"]?.arrayValue)
            #expect(operations.allSatisfy { $0["agent"] == "host_agent1" })
            try expectTelemetry(of: workflow)
        }
        let properties = try #require(run.report["install"]?["instances"]?["app"]?["runtime_properties"])
        #expect(properties["steps"] == ["create", "precreate", "create", "configure", "start", "poststart", "start"])
        #expect(properties["attempts"] == [0, 1, 2])
        // The manager has evaluated the functions, and what is none has arrived as it was.
        #expect(
            properties["inputs_of_create"] == [
                "text": "hello", "number": 3, "flag": true, "evaluated": "create", "prop": 8080,
                "nested": ["list": [1, "two", nil], "map": ["k": "v"]],
            ])
        let linked = properties["linked_to"]?.stringValue ?? ""
        #expect(linked.hasPrefix("db_"))
        let attempts = (run.report["install"]?["operations"]?.arrayValue ?? []).filter {
            $0["name"] == "shop.configure"
        }
        #expect(attempts.map { $0["retry_number"] } == [0, 1, 2])
        #expect(attempts.map { $0["state"] } == ["rescheduled", "rescheduled", "succeeded"])
        #expect(run.report["uninstall"]?["instances"]?["app"]?["runtime_properties"]?["linked_to"] == nil)
        #expect(run.report["agent_exit_code"] == 0)
    }

    /// Each operation's records are there, once and in order, between the manager's own events of it.
    private func expectTelemetry(of workflow: PropertyValue) throws {
        let records = try #require(workflow["records"]?.arrayValue)
        for operation in workflow["operations"]?.arrayValue ?? [] where operation["name"] == "shop.lifecycle" {
            let task = try #require(operation["id"]?.stringValue)
            let step = operation["operation"]?.stringValue?.split(separator: ".").last.map(String.init) ?? ""
            let instance = try #require(operation["instance"]?.stringValue)
            let logs = records.filter { $0["logger"]?.stringValue == "ctx.\(task)" }
            let texts = logs.compactMap { $0["message"]?.stringValue }
            #expect(texts.dropFirst() == ["\(step) \(instance)", "\(step) is over"])
            #expect(logs.map { $0["level"] } == ["debug", "info", "warning"])
            let events = records.filter {
                $0["type"] == "cloudify_event" && $0["operation"] == operation["operation"]
                    && $0["node_instance_id"] == operation["instance"]
            }
            #expect(
                events.map { $0["event_type"] } == ["sending_task", "task_started", "plugin_event", "task_succeeded"],
                "\(task) \(step) of \(instance)")
            #expect(events.count < 3 || events[2]["message"]?.stringValue == "\(step) has begun")
        }
    }

    @Test("A killed execution ends silently though its token is refused already, a cancelled one too, and others go on")
    func cancellation() async throws {
        let run = try await EngineRun("cancel")
        #expect(run.report["agents_told"] == ["host_agent1"])
        for name in ["killed", "cancelled"] {
            let workflow = try #require(run.report[name])
            #expect(workflow["status"] == "cancelled", run.story(of: name))
            // No reply: the queue is there without the engine, which is gone, and nothing is in it.
            #expect(workflow["replies_left"] == 0, run.story(of: name))
        }
        #expect(run.report["killed"]?["output"] == .null)
        #expect(run.report["killed"]?["operations"]?[0]?["state"] == "started")
        #expect(run.report["other"]?["status"] == "terminated", run.story(of: "other"))
        let texts = (run.report["other"]?["records"]?.arrayValue ?? []).filter { $0["type"] == "cloudify_log" }
        #expect(texts.map { $0["message"]?.stringValue } == (0..<80).map { "line \($0)" })
        #expect(run.report["afterwards"]?["status"] == "terminated", run.story(of: "afterwards"))
        #expect(run.report["agent_exit_code"] == 0)
    }

    @Test(
        "A manager that is away in the middle of many operations: all succeed, and every log record is there, once and in order"
    )
    func outage() async throws {
        // scripts/bench rest-outage has 200 operations and 10 s.
        let run = try await EngineRun(
            "outage", environment: ["OUTAGE_OPERATIONS": "40", "OUTAGE_LINES": "5", "OUTAGE_SECONDS": "2"])
        #expect(run.report["failed"] == [:], run.story(of: "failed"))
        #expect(run.report["incomplete_logs"] == [:], run.story(of: "incomplete_logs"))
        #expect(run.report["states"] == ["response-sent": 40])
        #expect(run.report["agent_exit_code"] == 0)
    }
}
