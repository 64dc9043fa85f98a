/// How agents reach the broker, with what is usual for what the manager does not say. It contains a password.
public struct BootstrapBroker: Sendable, Hashable, CustomStringConvertible {
    /// The host name or address; nil when the manager does not say.
    public let address: String?
    /// Whether it is reached over TLS; nil when the manager does not say.
    public let usesTLS: Bool?
    /// The user; `guest` when the manager does not say.
    public let username: String
    /// The password; `guest` when the manager does not say. A secret.
    public let password: String
    /// The virtual host; `/` when the manager does not say.
    public let virtualHost: String
    /// The cluster, as set.
    public let cluster: PropertyValue?

    package init(_ agent: BootstrapAgent) {
        func text(_ value: String?, else usual: String) -> String { value.flatMap { $0.isEmpty ? nil : $0 } ?? usual }
        address = agent.brokerAddress
        usesTLS = agent.brokerUsesTLS
        username = text(agent.brokerUsername, else: "guest")
        password = text(agent.brokerPassword, else: "guest")
        virtualHost = text(agent.brokerVirtualHost, else: "/")
        cluster = agent.cluster
    }

    /// Where it is, without user and password.
    public var description: String { "\(address ?? "unknown")\(virtualHost == "/" ? "" : ", " + virtualHost)" }
}
