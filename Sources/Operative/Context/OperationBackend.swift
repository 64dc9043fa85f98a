/// What a context needs from the outside. Errors it throws reach the operation as they are.
package protocol OperationBackend: Sendable {
    /// The task's manager. Asked for when an operation first needs it.
    var manager: any ManagerAccess { get }
    /// Whether the operation's answer is out already: what it does from now on must not be saved.
    var isAnswered: Bool { get }
    /// Renders a Jinja-like template.
    func render(_ template: String, variables: [String: TemplateValue]) async throws -> String
    /// Sends an event to the manager. Must not block.
    func sendEvent(_ message: String)
    /// Returns when further log records can be taken, at once in a cancelled task, or when that takes too long.
    func roomForRecords() async
    /// The task as it came.
    var operationTask: OperationTask { get throws }
}

extension OperationBackend {
    /// For those that have room for as many as there are.
    package func roomForRecords() async {}

    package var operationTask: OperationTask {
        get throws { throw NonRecoverableError("This operation was not asked for by a task.") }
    }
}
