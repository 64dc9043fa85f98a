import AgentConfiguration
import Testing

@Suite("Secrets of the configuration")
struct SecretsTests {
    private static let canary = "pa55-c4nary"
    let files: TemporaryFiles

    init() throws {
        files = try TemporaryFiles()
    }

    @Test("A password shows up in no description, interpolation or dump")
    func hidden() throws {
        let configuration = try AgentConfiguration.load(
            file: nil, environment: ["OPERATIVE_BROKER_PASSWORD": Self.canary], overrides: [:])
        #expect(configuration.broker.password.value == Self.canary)
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in [
            configuration.secretsRedacted, "\(configuration)", "\(configuration.broker)", dumped,
            String(reflecting: configuration.broker.password),
        ] {
            #expect(!text.contains(Self.canary))
        }
        #expect(configuration.secretsRedacted.contains("broker.password: (hidden)"))
        #expect(configuration.secretsRedacted.contains("# environment OPERATIVE_BROKER_PASSWORD"))
    }

    @Test("A wrong password is not repeated in the error")
    func hiddenInErrors() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try AgentConfiguration.load(
                file: nil, environment: ["OPERATIVE_BROKER_PASSWORD": Self.canary + "\n"], overrides: [:])
        }
        #expect(try !#require(error).description.contains(Self.canary))
    }

    @Test("A password on the command line is refused without repeating it")
    func notOnCommandLine() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try AgentConfiguration.load(file: nil, environment: [:], overrides: ["broker.password": Self.canary])
        }
        let description = try #require(error).description
        #expect(description.contains("broker.password: is secret"))
        #expect(!description.contains(Self.canary))
    }

    @Test(
        "One newline at the end of a password file does not count",
        arguments: [("secret", "secret"), ("secret\n", "secret"), ("secret\r\n", "secret"), ("secret\n\n", "secret\n")])
    func passwordFile(content: String, password: String) throws {
        let path = try files.write(content, to: "password")
        let configuration = try AgentConfiguration.load(
            file: nil, environment: [:], overrides: ["broker.password_file": path])
        #expect(configuration.broker.password.value == password)
        #expect(configuration.notices.isEmpty)
    }

    @Test("A relative password file is a systemd credential when there is one of that name")
    func credential() throws {
        _ = try files.write("from systemd", to: "broker-password")
        let configuration = try AgentConfiguration.load(
            file: nil, environment: ["CREDENTIALS_DIRECTORY": files.directory],
            overrides: ["broker.password_file": "broker-password"])
        #expect(configuration.broker.password.value == "from systemd")
    }

    @Test("A password file wins over a password of the same layer, and loses to one of a stronger layer")
    func strength() throws {
        let path = try files.write("from file", to: "password")
        let yaml = try files.write("broker:\n  password: plain\n  password_file: \(path)\n", to: "agent.yaml")
        let same = try AgentConfiguration.load(file: yaml, environment: [:], overrides: [:])
        #expect(same.broker.password.value == "from file")
        let stronger = try AgentConfiguration.load(
            file: yaml, environment: ["OPERATIVE_BROKER_PASSWORD": "stronger"], overrides: [:])
        #expect(stronger.broker.password.value == "stronger")
    }

    @Test("A password file that everybody may read is remarked upon; a missing or empty one is refused")
    func badPasswordFiles() throws {
        let open = try files.write("secret", to: "open", mode: 0o644)
        let configuration = try AgentConfiguration.load(
            file: nil, environment: [:], overrides: ["broker.password_file": open])
        #expect(configuration.notices.contains { $0.contains("readable by every user") })
        let empty = try files.write("\n", to: "empty")
        for path in [empty, "/nowhere/password", files.directory] {
            let error = #expect(throws: ConfigurationError.self) {
                try AgentConfiguration.load(file: nil, environment: [:], overrides: ["broker.password_file": path])
            }
            #expect(try #require(error).key == "broker.password_file")
        }
    }
}
