internal import Operative

/// A task as a manager would send it (Cloudify agent protocol, operation task).
struct TaskDraft: Sendable {
    struct Node: Sendable {
        var name: String
        var instance: String
    }

    var taskName: String
    var id = Identifier.random()
    var execution = Identifier.random()
    var deployment = "local"
    var operation: String?
    var inputs: [String: PropertyValue] = [:]
    var properties: [String: PropertyValue] = [:]
    var node: Node?
    /// The other side of a relationship operation, whose target it is.
    var target: Node?
    var maximumRetries = -1
    /// Seconds.
    var timeout: Double?

    init(taskName: String) { self.taskName = taskName }

    func body(queue: String) -> [UInt8] {
        var kwargs = inputs
        kwargs["__cloudify_context"] = .object(context(queue: queue))
        return PropertyValue.object(["id": .string(id), "cloudify_task": ["kwargs": .object(kwargs)]]).json
    }

    private func context(queue: String) -> [String: PropertyValue] {
        let operationName = operation ?? taskName
        var operation: [String: PropertyValue] = [
            "name": .string(operationName), "retry_number": 0, "max_retries": .integer(maximumRetries),
        ]
        var context: [String: PropertyValue] = [
            "__cloudify_context": "0.3", "type": "operation", "task_id": .string(id), "task_name": .string(taskName),
            "task_queue": .string(queue), "task_target": .string(queue), "execution_id": .string(execution),
            "workflow_id": "execute_operation", "deployment_id": .string(deployment),
            "blueprint_id": .string(deployment),
            "tenant": ["name": "default_tenant"], "local": false, "has_intrinsic_functions": false,
            "timeout": timeout.map { .double($0) } ?? .null, "timeout_recoverable": false,
            "plugin": ["name": .string(String(taskName.prefix { $0 != "." }))],
        ]
        if let node {
            context["node_id"] = .string(node.instance)
            context["node_name"] = .string(node.name)
            context["node"] = ["properties": .object(properties)]
        }
        if let target {
            context["related"] = [
                "node_id": .string(target.instance), "node_name": .string(target.name), "is_target": true,
            ]
            operation["relationship"] = "source"
        }
        context["operation"] = .object(operation)
        return context
    }
}
