/// A tenant as the manager describes it. The fields contain a password.
public struct TenantRecord: Sendable, Hashable, CustomStringConvertible {
    /// Everything that the manager says, by the names of its REST API.
    public let fields: [String: PropertyValue]

    package init(_ fields: [String: PropertyValue]) { self.fields = fields }

    /// The name; nil when the manager does not say.
    public var name: String? { fields["name"]?.stringValue }
    /// The virtual host of its agents; nil when the manager does not say, as for the two below.
    public var brokerVirtualHost: String? { fields["rabbitmq_vhost"]?.stringValue }
    /// The user of its agents.
    public var brokerUsername: String? { fields["rabbitmq_username"]?.stringValue }
    /// The password of its agents. A secret.
    public var brokerPassword: String? { fields["rabbitmq_password"]?.stringValue }

    /// The name, without what is secret.
    public var description: String { "tenant \(name ?? "without a name")" }
}
