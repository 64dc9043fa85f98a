/// How the manager was set up. The fields may contain a password.
public struct BootstrapContext: Sendable, Hashable, CustomStringConvertible {
    /// Everything that the manager says, by the names of its REST API.
    public let fields: [String: PropertyValue]

    package init(_ fields: [String: PropertyValue]) { self.fields = fields }

    /// What names of resources begin with; empty for nothing.
    public var resourcesPrefix: String { fields["resources_prefix"]?.stringValue ?? "" }
    /// How agents are set up.
    public var agent: BootstrapAgent { BootstrapAgent(fields["cloudify_agent"]?.objectValue ?? [:]) }
    /// How agents reach the broker.
    public var broker: BootstrapBroker { BootstrapBroker(agent) }
    /// How long the policy engine may take to start; nil when not set.
    public var policyEngineStartTimeout: Duration? {
        fields["policy_engine"]?["start_timeout"]?.intValue.map { .seconds($0) }
    }

    /// The names of what is set, without values: one of them may be a password.
    public var description: String { fields.keys.sorted().joined(separator: ", ") }
}
