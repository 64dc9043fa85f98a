extension AgentConfiguration {
    /// The connection to the message broker.
    public struct Broker: Sendable {
        /// `broker.hosts` with the port of each: its own, else `broker.port`. Never empty.
        public let endpoints: [BrokerEndpoint]
        /// `broker.virtual_host`
        public let virtualHost: String
        /// `broker.username`
        public let username: String
        /// `broker.password`, or the content of `broker.password_file`.
        public let password: Secret
        /// `broker.heartbeat`
        public let heartbeat: Duration
        /// `broker.connect_timeout`
        public let connectTimeout: Duration
        /// `broker.startup_timeout`, or nil for no limit.
        public let startupTimeout: Duration?
        /// The settings under `broker.tls`, or nil when the connection is not encrypted.
        public let tls: BrokerTLS?
    }

    /// How the connection to the broker is encrypted. All files exist and look like PEM.
    public struct BrokerTLS: Sendable {
        /// `broker.tls.ca_file`
        public let caFile: String
        /// `broker.tls.certificate_file`
        public let certificateFile: String?
        /// `broker.tls.private_key_file`; there exactly when `certificateFile` is.
        public let privateKeyFile: String?
        /// `broker.tls.server_name`, or nil to expect the host connected to.
        public let serverName: String?
    }
}
