/// The agent of a compute node, as its installer has recorded it in the instance's runtime property `cloudify_agent`.
public struct AgentFacts: Sendable, Hashable {
    /// Everything that the manager says, by the names of its REST API.
    public let fields: [String: PropertyValue]

    package init(_ fields: [String: PropertyValue]) { self.fields = fields }

    /// The name; nil when not recorded, as for queue and version.
    public var name: String? { fields["name"]?.stringValue }
    /// The queue it takes tasks from.
    public var queue: String? { fields["queue"]?.stringValue }
    /// The version.
    public var version: String? { fields["version"]?.stringValue }
    /// The hosts of the manager as this agent reaches them.
    public var managerHosts: [String] {
        fields["rest_host"]?.stringValue.map { [$0] } ?? fields["rest_host"]?.arrayValue?.compactMap(\.stringValue)
            ?? []
    }
}
