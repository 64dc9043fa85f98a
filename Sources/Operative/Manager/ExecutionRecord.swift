/// A workflow execution as the manager describes it.
public struct ExecutionRecord: Sendable, Hashable {
    /// Everything that the manager says, by the names of its REST API.
    public let fields: [String: PropertyValue]

    package init(_ fields: [String: PropertyValue]) { self.fields = fields }

    /// The id; nil when the manager does not say, as for everything below.
    public var id: String? { fields["id"]?.stringValue }
    /// How far it is.
    public var status: ExecutionStatus? { fields["status"]?.stringValue.map(ExecutionStatus.init(rawValue:)) }
    /// The workflow.
    public var workflowID: String? { fields["workflow_id"]?.stringValue }
    /// The deployment.
    public var deploymentID: String? { fields["deployment_id"]?.stringValue }
    /// The blueprint.
    public var blueprintID: String? { fields["blueprint_id"]?.stringValue }
}
