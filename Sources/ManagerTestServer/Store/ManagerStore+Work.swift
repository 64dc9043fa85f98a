internal import Operative

extension ManagerStore {
    mutating func execution(_ request: RecordedRequest, _ id: String?) -> ServerAnswer {
        guard let id else { return list(Array(executions.values), request, ["deployment_id", "status"]) }
        guard var execution = executions[id] else { return Self.missing("Execution", id) }
        if request.method == "PATCH" {
            execution["status"] = request.json?["status"] ?? execution["status"]
            if let error = request.json?["error"] { execution["error"] = error }
            executions[id] = execution
        }
        return .json(.object(execution))
    }

    mutating func operation(_ request: RecordedRequest, _ id: String?) -> ServerAnswer {
        guard let id else {
            return list(Array(operations.values), request, ["graph_id", "state"])
        }
        let members = request.json?.objectValue ?? [:]
        if request.method == "PUT" {
            operations[id] = members.merging(["id": .string(id), "state": "pending"]) { _, new in new }
            return .json(.object(operations[id] ?? [:]), status: 201)
        }
        guard var operation = operations[id] else { return Self.missing("Operation", id) }
        guard request.method == "PATCH" else { return .json(.object(operation)) }
        operation["state"] = members["state"] ?? operation["state"]
        for name in ["result", "exception", "exception_causes", "manager_name", "agent_name"] {
            if let value = members[name] { operation[name] = value }
        }
        operations[id] = operation
        noteState(of: operation, id: id)
        return .nothing
    }

    /// The manager itself writes the events that go with some states (Cloudify agent protocol, 4).
    private mutating func noteState(of operation: [String: PropertyValue], id: String) {
        let types: [String: PropertyValue] = [
            "sending": "sending_task", "started": "task_started", "succeeded": "task_succeeded",
            "rescheduled": "task_rescheduled", "failed": "task_failed",
        ]
        guard let type = operation["state"]?.stringValue.flatMap({ types[$0] }) else { return }
        events.append(["event_type": type, "context": ["task_id": .string(id)], "type": "cloudify_event"])
    }

    mutating func graph(_ request: RecordedRequest, _ id: String?) -> ServerAnswer {
        let members = request.json?.objectValue ?? [:]
        guard request.method != "GET" else {
            return list(Array(graphs.values), request, ["execution_id", "name"])
        }
        guard request.method == "POST" else {
            graphs[id ?? ""]?.merge(members) { _, new in new }
            return .json(.object(graphs[id ?? ""] ?? [:]))
        }
        let name = "graph-\(graphs.count + 1)"
        graphs[name] = [
            "id": .string(name), "name": members["name"] ?? nil, "execution_id": members["execution_id"] ?? nil,
        ]
        for operation in members["operations"]?.arrayValue ?? [] {
            guard var operation = operation.objectValue, let id = operation["id"]?.stringValue else { continue }
            operation["tasks_graph_id"] = .string(name)
            operation["graph_id"] = .string(name)
            operations[id] = operation
        }
        return .json(.object(graphs[name] ?? [:]), status: 201)
    }

    mutating func instance(_ request: RecordedRequest, _ id: String?) -> ServerAnswer {
        guard let id else {
            return list(Array(instances.values), request, ["deployment_id", "node_id"])
        }
        guard var instance = instances[id] else { return Self.missing("NodeInstance", id) }
        guard request.method == "PATCH" else { return .json(.object(instance)) }
        let members = request.json?.objectValue ?? [:]
        let stored = instance["version"]?.intValue ?? 0
        guard let sent = members["version"]?.intValue, sent >= 0 else {
            return .error(400, "bad_parameters_error", "version must be a number that is not negative")
        }
        guard stored <= sent || request.parameters["force"] == "True" else {
            conflicts += 1
            return .error(
                409, "conflict_error",
                "Node instance update conflict [current version=\(stored), update version=\(sent)]")
        }
        for name in ["runtime_properties", "system_properties", "state"] {
            if let value = members[name], !value.isNull { instance[name] = value }
        }
        instance["version"] = .integer(stored + 1)
        instances[id] = instance
        return .json(.object(instance))
    }

    mutating func event(_ request: RecordedRequest) -> ServerAnswer {
        guard request.method == "POST" else { return .list(events + logs) }
        guard request.body.count <= largestBody else {
            return .error(413, "request_entity_too_large_error", "the body is larger than \(largestBody) bytes")
        }
        events += request.json?["events"]?.arrayValue ?? []
        logs += request.json?["logs"]?.arrayValue ?? []
        return .json(nil, status: 201)
    }

    func evaluation(_ request: RecordedRequest) -> ServerAnswer {
        guard let body = request.json else { return .error(400, "bad_parameters_error", "no JSON") }
        return .json([
            "deployment_id": body["deployment_id"] ?? nil,
            "payload": evaluate(body["context"] ?? [:], body["payload"] ?? [:]),
        ])
    }
}
