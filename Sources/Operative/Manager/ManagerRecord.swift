/// One manager of the cluster.
public struct ManagerRecord: Sendable, Hashable {
    /// Everything that the manager says, by the names of its REST API.
    public let fields: [String: PropertyValue]

    package init(_ fields: [String: PropertyValue]) { self.fields = fields }

    /// The host name; nil when the manager does not say, as for the addresses.
    public var hostname: String? { fields["hostname"]?.stringValue }
    /// The address within the network of the managers.
    public var privateIP: String? { fields["private_ip"]?.stringValue }
    /// The address from outside.
    public var publicIP: String? { fields["public_ip"]?.stringValue }
    /// Addresses by the name of the network; most have one called `default`.
    public var networks: [String: String] { fields["networks"]?.objectValue?.compactMapValues(\.stringValue) ?? [:] }
}
