/// The address of one broker node.
public struct AMQPEndpoint: Sendable, Hashable, CustomStringConvertible {
    /// A host name, or an IPv4 or IPv6 address without brackets.
    public var host: String
    /// The TCP port: 5672 by convention, 5671 with TLS.
    public var port: Int

    /// Creates an endpoint.
    ///
    /// - Parameters:
    ///   - host: A host name, or an IPv4 or IPv6 address without brackets.
    ///   - port: The TCP port.
    public init(host: String, port: Int = 5672) {
        self.host = host
        self.port = port
    }

    /// `host:port`, with an IPv6 address in brackets.
    public var description: String {
        host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
