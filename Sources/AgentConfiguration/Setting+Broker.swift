/// The settings of the connection to the message broker.
extension Setting {
    static let brokerHosts = Setting(
        "broker.hosts", .list, .value("localhost"),
        "The brokers, each as host or host:port; the agent tries all of them.",
        details: "IPv6 addresses with a port are written [2001:db8::1]:5672.",
        seeAlso: ["broker.port"]
    )
    static let brokerPort = Setting(
        "broker.port", .integer(1...65_535), .derived("5672, or 5671 with TLS"),
        "The port of every host that names none.",
        seeAlso: ["broker.hosts", "broker.tls.enabled"]
    )
    static let brokerVirtualHost = Setting(
        "broker.virtual_host", .text, .value("/"),
        "The virtual host on the broker."
    )
    static let brokerUsername = Setting(
        "broker.username", .text, .value("guest"),
        "The user the agent logs in as.",
        details: "RabbitMQ accepts guest only from the broker's own machine.",
        seeAlso: ["broker.password_file"]
    )
    static let brokerPassword = Setting(
        "broker.password", .text, .value("guest"), isSecret: true,
        "The password of that user.",
        details: "Refused on the command line, where every user of the machine could read it."
            + " Prefer broker.password_file.",
        seeAlso: ["broker.password_file"]
    )
    static let brokerPasswordFile = Setting(
        "broker.password_file", .path, .none,
        "A file whose content is the password; one newline at its end does not count.",
        details: "A relative name is looked up among the systemd credentials first ($CREDENTIALS_DIRECTORY, see"
            + " LoadCredential=), then in the working directory. Wins over broker.password unless that is given by a"
            + " stronger layer.",
        seeAlso: ["broker.password"]
    )
    static let brokerHeartbeat = Setting(
        "broker.heartbeat", .duration(.seconds(1) ... .seconds(3600)), .value("30s"),
        "How often both sides prove that they are alive; a silent broker is given up after two intervals.",
        details: "Whole seconds."
    )
    static let brokerConnectTimeout = Setting(
        "broker.connect_timeout", .duration(.milliseconds(100) ... .seconds(600)), .value("5s"),
        "How long name lookup, TCP connection and TLS handshake with one broker may take together.",
        seeAlso: ["broker.startup_timeout"]
    )
    static let brokerStartupTimeout = Setting(
        "broker.startup_timeout", .duration(.zero ... .seconds(86_400)), .value("30s"),
        "How long the agent tries to reach a broker when it starts, before it gives up with exit code 69.",
        details: "0s means for ever. Later losses of the connection are always repaired without limit. Keep it below"
            + " TimeoutStartSec of the systemd unit.",
        seeAlso: ["broker.connect_timeout"]
    )
    static let brokerTLSEnabled = Setting(
        "broker.tls.enabled", .boolean, .value("false"),
        "Encrypts the connection and verifies the broker's certificate and host name.",
        seeAlso: ["broker.tls.ca_file"]
    )
    static let brokerTLSCAFile = Setting(
        "broker.tls.ca_file", .path, .none,
        "The certificates of the authorities that may sign the broker's certificate, as PEM.",
        details: "Required with TLS."
    )
    static let brokerTLSCertificateFile = Setting(
        "broker.tls.certificate_file", .path, .none,
        "The agent's own certificate with its chain, as PEM, for brokers that ask for one.",
        seeAlso: ["broker.tls.private_key_file"]
    )
    static let brokerTLSPrivateKeyFile = Setting(
        "broker.tls.private_key_file", .path, .none,
        "The private key of that certificate, as PEM without a pass phrase.",
        details: "A relative name is looked up among the systemd credentials first, as for broker.password_file.",
        seeAlso: ["broker.tls.certificate_file"]
    )
    static let brokerTLSServerName = Setting(
        "broker.tls.server_name", .text, .derived("the host connected to"),
        "The name the broker's certificate must carry when it is not the host name in broker.hosts."
    )
}
