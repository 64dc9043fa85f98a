/// One message broker of the cluster.
public struct BrokerRecord: Sendable, Hashable {
    /// Everything that the manager says, by the names of its REST API.
    public let fields: [String: PropertyValue]

    package init(_ fields: [String: PropertyValue]) { self.fields = fields }

    /// The name; nil when the manager does not say, as for host, port and certificate.
    public var name: String? { fields["name"]?.stringValue }
    /// The host name or address.
    public var host: String? { fields["host"]?.stringValue }
    /// The port.
    public var port: Int? { fields["port"]?.intValue }
    /// Addresses by the name of the network; most have one called `default`.
    public var networks: [String: String] { fields["networks"]?.objectValue?.compactMapValues(\.stringValue) ?? [:] }
    /// The certificate authority, as PEM text.
    public var certificateAuthority: String? { fields["ca_cert_content"]?.stringValue }
}
