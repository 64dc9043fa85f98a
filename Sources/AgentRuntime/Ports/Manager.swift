package import AgentProtocol
package import Operative

/// Where operations find nodes, instances, resources and records: a manager, or what the agent itself knows.
package protocol Manager: Sendable {
    /// What the operation of a task reaches. Called when an operation first needs it, on its own thread; must not wait for anything.
    func access(for task: OperationTaskContext) -> any ManagerAccess

    /// What a task's manager is asked and told around its operation; nil when nobody is. Must not wait for anything.
    ///
    /// - Parameter task: decodes the task's context, which those who ask nobody need not do.
    func attendance(for task: () -> OperationTaskContext) -> (any OperationAttendance)?
}

extension Manager {
    package func attendance(for task: () -> OperationTaskContext) -> (any OperationAttendance)? { nil }
}
