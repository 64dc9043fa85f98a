import AgentProtocol
import Foundation
import Operative
import TestRandomness
import Testing

@Suite("Log records and events")
struct RecordTests {
    private func context(of message: String, _ changes: [String: PropertyValue] = [:]) throws -> MessageContext {
        let body = try #require(try Golden.read("operation_messages/\(message)")["body"])
        var context = try TaskEnvelope(decoding: body.json).context()
        context.taskID = changes["task_id"]?.stringValue ?? context.taskID
        context.taskName = changes["task_name"]?.stringValue ?? context.taskName
        context.operationName = changes["operation"]?.stringValue ?? context.operationName
        context.executionID = changes["execution_id"]?.stringValue ?? context.executionID
        context.workflowID = changes["workflow_id"]?.stringValue ?? context.workflowID
        return MessageContext(context)
    }

    private func timestamp(_ text: String?) throws -> Timestamp {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        let date = try #require(formatter.date(from: text ?? ""))
        return Timestamp(millisecondsSinceEpoch: Int64((date.timeIntervalSince1970 * 1000).rounded()))
    }

    @Test(
        "records built from the request equal the captured records of that very task",
        arguments: ["debug", "info", "warning", "error"])
    func nodeLogs(level: String) throws {
        let captured = try #require(try Golden.read("logs_events/log_\(level)_node").value(at: "body.logs[0]"))
        try expectLog(captured, level, try context(of: "central_deployment_agent_with_execution_env"))
    }

    @Test("records of a relationship operation name both ends", arguments: ["debug", "info", "error"])
    func relationshipLogs(level: String) throws {
        let captured = try #require(try Golden.read("logs_events/log_\(level)_rel").value(at: "body.logs[0]"))
        try expectLog(
            captured, level, try context(of: "relationship_source_establish", captured["context"]?.objectValue ?? [:]))
    }

    private func expectLog(_ captured: PropertyValue, _ level: String, _ context: MessageContext) throws {
        let record = LogRecord(
            context: context, level: try #require(RecordLevel(rawValue: level)),
            message: try #require(captured.value(at: "message.text")?.stringValue),
            timestamp: try timestamp(captured["timestamp"]?.stringValue))
        #expect(try PropertyValue(json: record.json) == captured)
    }

    @Test(
        "plugin events equal the captured ones",
        arguments: [
            ("event_plugin_event_node", "central_deployment_agent_with_execution_env"),
            ("event_plugin_event_rel", "relationship_source_establish"),
        ])
    func pluginEvents(name: String, message: String) throws {
        let captured = try #require(try Golden.read("logs_events/\(name)").value(at: "body.events[0]"))
        let event = EventRecord.plugin(
            try #require(captured.value(at: "message.text")?.stringValue),
            context: try context(of: message, captured["context"]?.objectValue ?? [:]),
            timestamp: try timestamp(captured["timestamp"]?.stringValue))
        #expect(try PropertyValue(json: event.json) == captured)
    }

    @Test(
        "task events equal the captured ones",
        arguments: [
            ("task_started", TaskEvent.started), ("task_succeeded", .succeeded("res")),
            ("task_failed", .failed(reason: "bad", causes: nil)),
            ("task_rescheduled", .rescheduled(reason: "later", retryAfter: .seconds(1), causes: nil)),
        ])
    func taskEvents(name: String, event: TaskEvent) throws {
        let captured = try Golden.read("logs_events/task_event_\(name)")
        let record = event.record(
            context: try context(
                of: "node_instance_create_with_inputs", try #require(captured["context"]?.objectValue)), retryNumber: 1,
            maxRetries: 60,
            timestamp: try timestamp(captured["timestamp"]?.stringValue))
        #expect(try PropertyValue(json: record.json) == captured)
    }

    @Test(
        "texts of task events",
        arguments: [
            (TaskEvent.started, 0, 60, "Task started 'specplugin.ops.ok'"),
            (.started, 2, -1, "Task started 'specplugin.ops.ok' [retry 2]"),
            (.succeeded(.null), 0, -1, "Task succeeded 'specplugin.ops.ok'"),
            (.succeeded(["a": 1]), 0, -1, "Task succeeded 'specplugin.ops.ok' - {\"a\":1}"),
            (.failed(reason: "x", causes: []), 3, 3, "Task failed 'specplugin.ops.ok' -> x [retry 3/3]"),
        ])
    func texts(event: TaskEvent, retry: Int, total: Int, text: String) throws {
        let record = event.record(
            context: try context(of: "node_instance_create_with_inputs"), retryNumber: retry, maxRetries: total,
            timestamp: .now())
        #expect(record.message == text)
        let tree = try PropertyValue(json: record.json)
        #expect(tree.value(at: "context.task_current_retries")?.intValue == retry)
        #expect(tree.value(at: "context.task_total_retries")?.intValue == total)
    }

    @Test("copying from the message gives the same context as decoding it, for every captured task")
    func fromEnvelope() throws {
        for (name, body) in try Golden.tasks() {
            let envelope = try TaskEnvelope(decoding: body.json)
            try expectSameRecords(envelope, "\(name)")
        }
        let odd = #"""
            {"cloudify_task":{"kwargs":{"__cloudify_context":{"task_name":"a\u0041","task_id":"t\"1","tenant":[],"plugin":null,"node_id":"",
            "related":{"node_id":5},"blueprint_id":7}}}}
            """#
        try expectSameRecords(try TaskEnvelope(decoding: Array(odd.utf8)), "odd")
    }

    private func expectSameRecords(_ envelope: TaskEnvelope, _ name: String) throws {
        let timestamp = Timestamp(millisecondsSinceEpoch: 0)
        let records = [MessageContext(envelope), MessageContext(envelope.context())].map {
            LogRecord(context: $0, level: .info, message: "m", timestamp: timestamp).json
        }
        #expect(try PropertyValue(json: records[0]) == PropertyValue(json: records[1]), "\(name)")
    }

    @Test("a zero character goes out as U+FFFD, for a manager's database takes none")
    func zeros() throws {
        let context = try context(of: "central_deployment_agent_with_execution_env")
        let time = try timestamp("2026-01-02T03:04:05.006Z")
        let log = LogRecord(context: context, level: .info, message: "a\0b\0", timestamp: time)
        let event = EventRecord.plugin("\0c", context: context, timestamp: time)
        #expect(try PropertyValue(json: log.json).value(at: "message.text")?.stringValue == "a\u{FFFD}b\u{FFFD}")
        #expect(try PropertyValue(json: event.json).value(at: "message.text")?.stringValue == "\u{FFFD}c")
    }

    @Test("a deployment's records name no node, and what is unknown is null")
    func deployment() throws {
        let record = LogRecord(
            context: MessageContext(OperationTaskContext(taskName: "a")), level: .critical, message: "\"\n\u{1}é",
            timestamp: .now())
        let tree = try PropertyValue(json: record.json)
        #expect(tree["context"]?["node_id"] == nil && tree["context"]?["source_id"] == nil)
        #expect(tree["context"]?["deployment_id"] == .null && tree["logger"] == "ctx.cloudify_plugin")
        #expect(tree["level"] == "critical" && tree.value(at: "message.text") == "\"\n\u{1}é")
    }

    @Test("levels of the logging API become levels of the wire")
    func levels() {
        #expect(
            ["trace", "debug", "info", "notice", "warning", "error", "critical"].map {
                RecordLevel(loggerLevel: $0).rawValue
            }
                == ["debug", "debug", "info", "info", "warning", "error", "critical"])
    }

    @Test("timestamps are written as the calendar has them", arguments: 0..<200)
    func timestamps(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let moment = Timestamp(millisecondsSinceEpoch: Int64.random(in: 0..<253_402_300_800_000, using: &generator))
        #expect(try timestamp(moment.description) == moment)
    }

    @Test(
        "special timestamps",
        arguments: [
            (Int64(0), "1970-01-01T00:00:00.000Z"), (951_782_400_001, "2000-02-29T00:00:00.001Z"),
            (1_795_219_273_213, "2026-11-21T00:01:13.213Z"),
            (4_107_542_399_999, "2100-02-28T23:59:59.999Z"), (.min, "1970-01-01T00:00:00.000Z"),
            (.max, "9999-12-31T23:59:59.999Z"),
        ])
    func specialTimestamps(milliseconds: Int64, text: String) {
        #expect(Timestamp(millisecondsSinceEpoch: milliseconds).description == text)
    }
}
