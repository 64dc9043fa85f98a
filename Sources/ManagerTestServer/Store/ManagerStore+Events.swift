internal import Operative

extension ManagerStore {
    mutating func event(_ request: RecordedRequest) -> ServerAnswer {
        guard request.method == "POST" else { return eventList(request) }
        guard request.body.count <= largestBody else {
            return .error(413, "request_entity_too_large_error", "the body is larger than \(largestBody) bytes")
        }
        let agent = request.json?["agent_name"] ?? nil
        for event in request.json?["events"]?.arrayValue ?? [] { keepEvent(event, agent: agent) }
        for log in request.json?["logs"]?.arrayValue ?? [] {
            logs.append(log)
            keep(log, agent: agent)
        }
        return .json(nil, status: 201)
    }

    mutating func keepEvent(_ event: PropertyValue, agent: PropertyValue = nil) {
        events.append(event)
        keep(event, agent: agent)
    }

    private mutating func keep(_ record: PropertyValue, agent: PropertyValue) {
        records.append(Self.row(record, records.count, agent))
    }

    /// A row as the manager's list of events has it.
    private static func row(_ record: PropertyValue, _ number: Int, _ agent: PropertyValue) -> [String: PropertyValue] {
        var row: [String: PropertyValue] = [
            "_storage_id": .integer(number), "timestamp": .string(Timestamp.now), "agent_name": agent,
            "reported_timestamp": record["timestamp"] ?? nil, "type": record["type"] ?? nil,
            "message": record.value(at: "message.text") ?? nil, "event_type": record["event_type"] ?? nil,
            "level": record["level"] ?? nil, "logger": record["logger"] ?? nil,
            "error_causes": record.value(at: "context.task_error_causes") ?? nil,
        ]
        for name in [
            "execution_id", "deployment_id", "blueprint_id", "workflow_id", "node_name", "operation", "source_id",
            "target_id",
        ] { row[name] = record["context"]?[name] ?? nil }
        row["node_instance_id"] = record.value(at: "context.node_id") ?? nil
        return row
    }

    private func eventList(_ request: RecordedRequest) -> ServerAnswer {
        let parameters = request.parameters
        let withLogs = request.query.range(of: "type=cloudify_log") != nil
        var rows = records.filter { withLogs || $0["type"] != "cloudify_log" }
        for name in ["execution_id", "deployment_id", "node_instance_id", "event_type"] {
            if let wanted = parameters[name] { rows = rows.filter { $0[name]?.stringValue == wanted } }
        }
        if let key = parameters["_sort"], !key.isEmpty {
            // Where the values are equal, the order of arrival stays.
            rows = rows.enumerated().sorted {
                ($0.element[key]?.stringValue ?? "", $0.offset) < ($1.element[key]?.stringValue ?? "", $1.offset)
            }.map(\.element)
        }
        return page(rows, parameters)
    }
}
