/// Everything an ``AMQPConnection`` needs to know.
public struct AMQPConfiguration: Sendable {
    /// The nodes of the broker. Each round of attempts goes through all of them in a random order.
    public var endpoints: [AMQPEndpoint]
    /// The virtual host, `/` by default.
    public var virtualHost: String
    /// The user to log in as.
    public var username: String
    /// The password of ``username``. Never logged.
    public var password: String
    /// `nil` connects without encryption.
    public var tls: AMQPTLSConfiguration?
    /// The longest silence of a healthy peer, rounded up to whole seconds. A peer that is silent for twice as long is given up.
    public var heartbeat: Duration
    /// The limit per endpoint for name resolution, TCP and TLS together.
    public var connectTimeout: Duration
    /// The limit for the AMQP handshake and the login.
    public var loginTimeout: Duration
    /// The limit for the broker's answer to a declaration, a consume and the like.
    public var rpcTimeout: Duration
    /// The largest frame to negotiate, in bytes. The broker may ask for less.
    public var frameMax: Int
    /// The name shown in the broker's management pages. `nil` shows none.
    public var connectionName: String?
    /// The waits between attempts.
    public var reconnect: AMQPReconnectPolicy
    /// The number of unconfirmed body bytes above which ``AMQPConnection/publish(_:)`` suspends.
    public var outboxLimit: Int
    /// The largest message that is delivered whole, in bytes. See ``AMQPBody/oversized(prefix:size:)``.
    public var maximumMessageBytes: Int

    /// Creates a configuration with the defaults of a production agent.
    public init(
        endpoints: [AMQPEndpoint],
        virtualHost: String = "/",
        username: String = "guest",
        password: String = "guest",
        tls: AMQPTLSConfiguration? = nil,
        heartbeat: Duration = .seconds(30),
        connectTimeout: Duration = .seconds(5),
        loginTimeout: Duration = .seconds(10),
        rpcTimeout: Duration = .seconds(10),
        frameMax: Int = 131_072,
        connectionName: String? = nil,
        reconnect: AMQPReconnectPolicy = AMQPReconnectPolicy(),
        outboxLimit: Int = 64 << 20,
        maximumMessageBytes: Int = 16 << 20
    ) {
        self.endpoints = endpoints
        self.virtualHost = virtualHost
        self.username = username
        self.password = password
        self.tls = tls
        self.heartbeat = heartbeat
        self.connectTimeout = connectTimeout
        self.loginTimeout = loginTimeout
        self.rpcTimeout = rpcTimeout
        self.frameMax = frameMax
        self.connectionName = connectionName
        self.reconnect = reconnect
        self.outboxLimit = outboxLimit
        self.maximumMessageBytes = maximumMessageBytes
    }

    /// The heartbeat as AMQP counts it: whole seconds, 1 to 65535.
    var heartbeatSeconds: Int {
        let parts = heartbeat.components
        let seconds = parts.seconds + (parts.attoseconds > 0 ? 1 : 0)
        return Int(min(max(seconds, 1), 65_535))
    }

    /// What is wrong with the configuration, or nil.
    func problem() -> AMQPError? {
        func invalid(_ message: String) -> AMQPError { AMQPError(.invalidConfiguration, message) }
        if endpoints.isEmpty { return invalid("endpoints is empty: name at least one broker") }
        for endpoint in endpoints {
            if endpoint.host.isEmpty { return invalid("endpoints: the host is empty") }
            if endpoint.host.utf8.contains(0) { return invalid("endpoints: the host contains a NUL byte") }
            if !(1...65_535).contains(endpoint.port) {
                return invalid("endpoints: port \(endpoint.port) of \(endpoint.host) is not between 1 and 65535")
            }
        }
        if virtualHost.utf8.count > 255 { return invalid("virtualHost is longer than 255 bytes") }
        if !(4096...Int(Int32.max)).contains(frameMax) { return invalid("frameMax \(frameMax) is below 4096 bytes") }
        if let tls, (tls.certificateFile == nil) != (tls.privateKeyFile == nil) {
            return invalid("tls: certificateFile and privateKeyFile must be given together")
        }
        return nil
    }
}
