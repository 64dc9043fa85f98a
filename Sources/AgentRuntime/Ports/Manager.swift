package import AgentProtocol
package import Operative

/// Where operations find nodes, instances, resources and records: a manager, or what the agent itself knows.
package protocol Manager: Sendable {
    /// What the operation of a task reaches. Called when an operation first needs it, on its own thread; must not wait for anything.
    func access(for task: OperationTaskContext) -> any ManagerAccess
}
