/// How the connection is encrypted and whom it trusts.
///
/// The broker's certificate must chain to ``caFile`` and, unless ``verifyHostname`` is off, name the host that was dialled.
/// TLS 1.2 is the oldest version that is accepted.
public struct AMQPTLSConfiguration: Sendable, Hashable {
    /// A PEM file with the authorities to trust. `nil` trusts the system's store.
    public var caFile: String?
    /// A PEM file with the client certificate, followed by its intermediates. Needs ``privateKeyFile``.
    public var certificateFile: String?
    /// A PEM file with the unencrypted key of ``certificateFile``.
    public var privateKeyFile: String?
    /// Whether the certificate must name the host. Off, any certificate of the authority is accepted.
    public var verifyHostname: Bool
    /// The name to ask for and to find in the certificate, when it differs from the endpoint's host. `nil`: the endpoint's host.
    public var serverName: String?

    /// Creates a TLS configuration.
    public init(
        caFile: String? = nil, certificateFile: String? = nil, privateKeyFile: String? = nil,
        verifyHostname: Bool = true, serverName: String? = nil
    ) {
        self.caFile = caFile
        self.certificateFile = certificateFile
        self.privateKeyFile = privateKeyFile
        self.verifyHostname = verifyHostname
        self.serverName = serverName
    }
}
