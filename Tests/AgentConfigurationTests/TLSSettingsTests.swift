import AgentConfiguration
import Testing

@Suite("TLS settings")
struct TLSSettingsTests {
    let files: TemporaryFiles
    let certificate: String
    let key: String

    init() throws {
        files = try TemporaryFiles()
        certificate = try files.write("-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n", to: "ca.pem")
        key = try files.write("-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n", to: "key.pem")
    }

    private func failure(_ overrides: [String: String]) throws -> String {
        let error = #expect(throws: ConfigurationError.self) {
            try AgentConfiguration.load(
                file: nil, environment: [:], overrides: overrides.merging(["broker.tls.enabled": "true"]) { $1 })
        }
        return try #require(error).description
    }

    @Test("TLS uses port 5671 unless a port is given")
    func port() throws {
        let overrides = ["broker.tls.enabled": "yes", "broker.tls.ca_file": certificate]
        let standard = try AgentConfiguration.load(file: nil, environment: [:], overrides: overrides)
        #expect(standard.broker.endpoints.map(\.port) == [5671])
        #expect(standard.broker.tls?.caFile == certificate)
        let given = try AgentConfiguration.load(
            file: nil, environment: ["OPERATIVE_BROKER_PORT": "5672"], overrides: overrides)
        #expect(given.broker.endpoints.map(\.port) == [5672])
    }

    @Test("A certificate with its key is accepted, also as systemd credentials")
    func clientCertificate() throws {
        let configuration = try AgentConfiguration.load(
            file: nil, environment: ["CREDENTIALS_DIRECTORY": files.directory],
            overrides: [
                "broker.tls.enabled": "true", "broker.tls.ca_file": certificate,
                "broker.tls.certificate_file": "ca.pem",
                "broker.tls.private_key_file": "key.pem", "broker.tls.server_name": "broker.example",
            ])
        let tls = try #require(configuration.broker.tls)
        #expect(tls.certificateFile == "\(files.directory)/ca.pem")
        #expect(tls.privateKeyFile == key)
        #expect(tls.serverName == "broker.example")
    }

    @Test("TLS without an authority, and a certificate without its key, are refused")
    func incomplete() throws {
        #expect(try failure([:]).contains("broker.tls.ca_file: is not set although broker.tls.enabled is true"))
        #expect(
            try failure(["broker.tls.ca_file": certificate, "broker.tls.certificate_file": certificate])
                .contains("broker.tls.private_key_file: is not set although broker.tls.certificate_file is"))
        #expect(
            try failure(["broker.tls.ca_file": certificate, "broker.tls.private_key_file": key])
                .contains("broker.tls.certificate_file: is not set although broker.tls.private_key_file is"))
    }

    @Test("Files that are absent, no PEM or protected by a pass phrase are refused by name")
    func badFiles() throws {
        #expect(try failure(["broker.tls.ca_file": "/nowhere/ca.pem"]).contains("No such file"))
        #expect(try failure(["broker.tls.ca_file": key]).contains("has no certificate in PEM form"))
        let protected = try files.write(
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMA==\n-----END ENCRYPTED PRIVATE KEY-----\n", to: "protected.pem")
        #expect(
            try failure([
                "broker.tls.ca_file": certificate, "broker.tls.certificate_file": certificate,
                "broker.tls.private_key_file": protected,
            ]).contains("is protected by a pass phrase"))
    }

    @Test("TLS files without TLS are remarked upon, because the connection is not encrypted")
    func forgottenSwitch() throws {
        let configuration = try AgentConfiguration.load(
            file: nil, environment: [:], overrides: ["broker.tls.ca_file": certificate])
        #expect(configuration.broker.tls == nil)
        #expect(configuration.notices.contains { $0.contains("not encrypted") })
    }
}
