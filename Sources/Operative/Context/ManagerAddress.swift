/// Where the task's manager is, and what proves to it on whose behalf a request is made. For plugins that talk to it themselves.
public struct ManagerAddress: Sendable, Hashable, CustomStringConvertible {
    /// The hosts; empty when the task names none.
    public let hosts: [String]
    /// The port; nil when the task names none.
    public let port: Int?
    /// The certificate authority, as PEM text; nil when it is not to replace the agent's own.
    public let certificateAuthority: String?
    /// The token of the execution's current run. A secret. Nil when there is none.
    public let executionToken: String?
    /// The token of the REST service. A secret. Nil when there is none.
    public let restToken: String?
    /// Whether requests are to be served although the manager is in maintenance mode.
    public let bypassesMaintenance: Bool

    package init(
        hosts: [String] = [], port: Int? = nil, certificateAuthority: String? = nil, executionToken: String? = nil,
        restToken: String? = nil, bypassesMaintenance: Bool = false
    ) {
        self.hosts = hosts
        self.port = port
        self.certificateAuthority = certificateAuthority
        self.executionToken = executionToken
        self.restToken = restToken
        self.bypassesMaintenance = bypassesMaintenance
    }

    /// Hosts and port, without the tokens.
    public var description: String { hosts.joined(separator: ",") + (port.map { ":\($0)" } ?? "") }
}
