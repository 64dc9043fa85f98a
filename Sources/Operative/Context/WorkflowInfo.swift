/// The workflow that asked for an operation.
public struct WorkflowInfo: Sendable, Hashable {
    /// The name, such as `install`; `nil` when the sender is not a workflow.
    public let id: String?
    /// What the workflow was started with.
    public let parameters: [String: PropertyValue]

    package init(id: String? = nil, parameters: [String: PropertyValue] = [:]) {
        self.id = id
        self.parameters = parameters
    }
}
