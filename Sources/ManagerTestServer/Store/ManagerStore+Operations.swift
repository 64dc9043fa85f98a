internal import Operative

extension ManagerStore {
    mutating func operation(_ request: RecordedRequest, _ id: String?) -> ServerAnswer {
        guard let id else { return operationList(request) }
        let members = request.json?.objectValue ?? [:]
        switch request.method {
        case "PUT":
            store(members.merging(["id": .string(id), "state": "pending"]) { old, new in new }, id)
            return .json(.object(operations[id] ?? [:]), status: 201)
        case "DELETE":
            return operations.removeValue(forKey: id) == nil ? Self.missing("Operation", id) : .nothing
        default: break
        }
        guard var operation = operations[id] else { return Self.missing("Operation", id) }
        guard request.method == "PATCH" else { return .json(.object(operation)) }
        let stateBefore = operation["state"]
        operation["state"] = members["state"] ?? operation["state"]
        for name in ["result", "exception", "exception_causes"] {
            if let value = members[name] { operation[name] = value }
        }
        // The engine does not know which agent ran it.
        for name in ["manager_name", "agent_name"] {
            if let value = members[name], !value.isNull { operation[name] = value }
        }
        operations[id] = operation
        if operation["state"] != stateBefore { noteState(of: operation, id: id) }
        return .nothing
    }

    /// Keeps an operation with its place in the order of creation.
    mutating func store(_ operation: [String: PropertyValue], _ id: String) {
        if operations[id] == nil { operationOrder.append(id) }
        var operation = operation
        operation["tasks_graph_id"] = operation["tasks_graph_id"] ?? operation["graph_id"]
        operations[id] = operation
    }

    private func operationList(_ request: RecordedRequest) -> ServerAnswer {
        let execution = request.parameters["execution_id"]
        let inOrder = operationOrder.compactMap { operations[$0] }
        let ordered = inOrder + operations.filter { !operationOrder.contains($0.key) }.map(\.value)
        let found = ordered.filter { operation in
            guard let execution else { return true }
            let graph = graphs[operation["tasks_graph_id"]?.stringValue ?? ""]
            return graph?["execution_id"]?.stringValue == execution
        }
        return list(found, request, ["graph_id", "state"])
    }

    /// What the manager itself does when an operation's state changes (Cloudify agent protocol, 4).
    private mutating func noteState(of operation: [String: PropertyValue], id: String) {
        let state = operation["state"]?.stringValue ?? ""
        let parameters = operation["parameters"] ?? [:]
        if state == "succeeded" { carryOut(operation, parameters["task_kwargs"] ?? [:]) }
        let types = [
            "sending": "sending_task", "started": "task_started", "succeeded": "task_succeeded",
            "rescheduled": "task_rescheduled", "failed": "task_failed",
        ]
        guard let type = types[state], state == "failed" || parameters["send_task_events"] != false else { return }
        var context =
            parameters.value(at: "task_kwargs.kwargs")?["__cloudify_context"]?.objectValue ?? ["task_id": .string(id)]
        context["operation"] = context["operation"]?["name"] ?? context["operation"]
        insertEvent(type, Self.text(of: operation, parameters), context, operation)
    }

    private mutating func carryOut(_ operation: [String: PropertyValue], _ arguments: PropertyValue) {
        guard let instance = arguments["node_instance_id"]?.stringValue else { return }
        switch operation["type"]?.stringValue {
        case "SetNodeInstanceStateTask":
            instances[instance]?["state"] = arguments["state"] ?? nil
            let version = instances[instance]?["version"]?.intValue ?? 0
            instances[instance]?["version"] = .integer(version + 1)
        case "SendNodeEventTask":
            let context: [String: PropertyValue] = [
                "node_id": .string(instance), "node_name": instances[instance]?["node_id"] ?? nil,
            ]
            insertEvent("workflow_node_event", arguments["event"]?.stringValue ?? "", context, operation)
        default: break
        }
    }

    private mutating func insertEvent(
        _ type: String, _ text: String, _ context: [String: PropertyValue], _ operation: [String: PropertyValue]
    ) {
        let graph = graphs[operation["tasks_graph_id"]?.stringValue ?? ""]
        let execution = executions[graph?["execution_id"]?.stringValue ?? ""]
        var context = context.filter { Self.shown.contains($0.key) }
        for (name, source) in [
            "execution_id": "id", "deployment_id": "deployment_id", "blueprint_id": "blueprint_id",
            "workflow_id": "workflow_id",
        ] { context[name] = execution?[source] ?? context[name] }
        keepEvent([
            "event_type": .string(type), "context": .object(context), "type": "cloudify_event",
            "message": ["text": .string(text), "arguments": nil], "message_code": nil,
            "timestamp": .string(Timestamp.now),
        ])
    }

    private static let shown: Set<String> = [
        "task_id", "task_name", "task_queue", "task_target", "operation", "node_id", "node_name", "execution_id",
        "source_id", "target_id",
    ]

    private static func text(of operation: [String: PropertyValue], _ parameters: PropertyValue) -> String {
        let name = operation["name"]?.stringValue ?? ""
        let kind = operation["type"] == "SubgraphTask" ? "Subgraph" : "Task"
        var text =
            switch operation["state"]?.stringValue {
            case "sending": "Sending task '\(name)'"
            case let state: "\(kind) \(state ?? "") '\(name)'"
            }
        if operation["state"] == "succeeded", let result = operation["result"], !result.isNull {
            text += " - \(result.stringValue ?? result.jsonString)"
        }
        if let exception = operation["exception"]?.stringValue { text += " -> \(exception)" }
        guard let retries = parameters["current_retries"]?.intValue, retries > 0 else { return text }
        let total = parameters["total_retries"]?.intValue ?? -1
        return text + " [retry \(retries)\(total >= 0 ? "/\(total)" : "")]"
    }
}
