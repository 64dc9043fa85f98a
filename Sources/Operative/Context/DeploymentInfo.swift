/// The deployment an operation runs for.
public struct DeploymentInfo: Sendable, Hashable {
    /// The id; `nil` for operations of system workflows.
    public let id: String?
    /// The name shown to people; `nil` when the manager sends none.
    public let displayName: String?
    /// The user who created the deployment; `nil` when the manager sends none.
    public let creator: String?
    /// The tags to put on resources created for the deployment.
    public let resourceTags: [String: PropertyValue]

    /// Whether functions are evaluated at run time only; `nil` when the manager does not say.
    public let runtimeOnlyEvaluation: Bool?

    package init(
        id: String? = nil, displayName: String? = nil, creator: String? = nil,
        resourceTags: [String: PropertyValue] = [:], runtimeOnlyEvaluation: Bool? = nil
    ) {
        self.id = id
        self.displayName = displayName
        self.creator = creator
        self.resourceTags = resourceTags
        self.runtimeOnlyEvaluation = runtimeOnlyEvaluation
    }
}
