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
    /// The task as it came.
    var operationTask: OperationTask { get throws }
}

extension OperationBackend {
    package var operationTask: OperationTask {
        get throws { throw NonRecoverableError("This operation was not asked for by a task.") }
    }
}
