/// What a task tells about its manager: where it is and by what right to speak to it (Cloudify agent protocol, 2.2).
public struct ManagerFacts: Sendable, Hashable, CustomStringConvertible {
    /// Hosts of the REST service, `rest_host`.
    public var hosts: [String]
    /// Its port, `rest_port`.
    public var port: Int?
    /// Its certificate authority as PEM text, `rest_ssl_cert`; takes the place of the agent's own.
    public var certificateAuthority: String?
    /// The token of the execution's current run, `execution_token`. A secret.
    public var executionToken: String?
    /// The token of a user, `rest_token`. A secret.
    public var restToken: String?
    /// The tenant's name.
    public var tenant: String?
    /// Whether requests are to be answered in maintenance mode too, `bypass_maintenance`.
    public var bypassesMaintenance: Bool

    /// Puts facts together; everything may be unknown.
    public init(
        hosts: [String] = [], port: Int? = nil, certificateAuthority: String? = nil, executionToken: String? = nil,
        restToken: String? = nil, tenant: String? = nil, bypassesMaintenance: Bool = false
    ) {
        self.hosts = hosts
        self.port = port
        self.certificateAuthority = certificateAuthority
        self.executionToken = executionToken
        self.restToken = restToken
        self.tenant = tenant
        self.bypassesMaintenance = bypassesMaintenance
    }

    /// The hosts and the port, without the secrets.
    public var description: String {
        "manager \(hosts.joined(separator: ",")):\(port.map(String.init) ?? "?"), tenant \(tenant ?? "unknown")"
    }
}
