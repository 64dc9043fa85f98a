/// How the manager sets up agents. The fields may contain a password. What is not set is nil.
public struct BootstrapAgent: Sendable, Hashable, CustomStringConvertible {
    /// Everything that the manager says, by the names of its REST API.
    public let fields: [String: PropertyValue]

    package init(_ fields: [String: PropertyValue]) { self.fields = fields }

    /// The smallest number of operations at a time.
    public var minimumWorkers: Int? { fields["min_workers"]?.intValue }
    /// The largest number of operations at a time.
    public var maximumWorkers: Int? { fields["max_workers"]?.intValue }
    /// The user that agents are installed as.
    public var user: String? { fields["user"]?.stringValue }
    /// The port over which agents are installed.
    public var remoteExecutionPort: Int? { fields["remote_execution_port"]?.intValue }
    /// The private key on the manager with which agents are installed.
    public var keyPath: String? { fields["agent_key_path"]?.stringValue }
    /// The host name or address of the broker.
    public var brokerAddress: String? { fields["broker_ip"]?.stringValue }
    /// The user at the broker.
    public var brokerUsername: String? { fields["broker_user"]?.stringValue }
    /// The password at the broker. A secret.
    public var brokerPassword: String? { fields["broker_pass"]?.stringValue }
    /// The virtual host at the broker.
    public var brokerVirtualHost: String? { fields["broker_vhost"]?.stringValue }
    /// Whether the broker is reached over TLS.
    public var brokerUsesTLS: Bool? { fields["broker_ssl_enabled"]?.boolValue }
    /// The cluster, as set.
    public var cluster: PropertyValue? { fields["cluster"] }
    /// The networks, as set.
    public var networks: PropertyValue? { fields["networks"] }

    /// The names of what is set, without values: one of them may be a password.
    public var description: String { fields.keys.sorted().joined(separator: ", ") }
}
