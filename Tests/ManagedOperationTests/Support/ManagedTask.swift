import ManagerTestServer
import Operative

/// A task of a manager.
struct ManagedTask {
    var id = "t1"
    var name = "test.run"
    var execution = "e1"
    var token = "token-1"
    var inputs: [String: PropertyValue] = [:]
    var hasFunctions = false
    var timeout: PropertyValue = nil
    var more: [String: PropertyValue] = [:]

    var body: [UInt8] {
        var context: [String: PropertyValue] = [
            "type": "operation", "task_id": .string(id), "task_name": .string(name),
            "execution_id": .string(execution), "execution_token": .string(token), "deployment_id": "dep1",
            "blueprint_id": "bp1", "tenant": ["name": "default_tenant"], "node_id": "app_1", "node_name": "app",
            "rest_host": ["127.0.0.1"], "rest_port": 53333, "has_intrinsic_functions": .bool(hasFunctions),
            "operation": ["name": "tests.run", "retry_number": 0, "max_retries": 0], "timeout": timeout,
        ]
        context.merge(more) { $1 }
        var kwargs = inputs
        kwargs["__cloudify_context"] = .object(context)
        return PropertyValue.object(["id": .string(id), "cloudify_task": ["kwargs": .object(kwargs)]]).json
    }

    /// With the port of a manager, for operations that talk to it themselves.
    func body(for manager: TestManager) -> [UInt8] {
        var task = self
        task.more["rest_port"] = .integer(manager.port)
        return task.body
    }
}

extension TestManager {
    /// Makes an execution, and the record of an operation when there is a state for it.
    func know(_ task: ManagedTask, status: String = "started", state: String? = "sent") {
        change { store in
            store.executions[task.execution] = ["id": .string(task.execution), "status": .string(status)]
            if let state { store.operations[task.id] = ["id": .string(task.id), "state": .string(state)] }
            if store.instances["app_1"] == nil { store.addInstance("app_1", node: "app") }
        }
    }
}
