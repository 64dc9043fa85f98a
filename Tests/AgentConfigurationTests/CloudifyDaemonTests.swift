import AgentConfiguration
import Foundation
import Logging
import Testing

@Suite("The configuration of a Cloudify agent")
struct CloudifyDaemonTests {
    let files: TemporaryFiles

    init() throws {
        files = try TemporaryFiles()
    }

    private func load(
        _ brokerConfig: String?, environment more: [String: String] = [:], overrides: [String: String] = [:],
        name: String? = "host_agent1", maxWorkers: String = "5"
    ) throws -> AgentConfiguration {
        if let brokerConfig { _ = try files.write(brokerConfig, to: "broker_config.json") }
        var environment = ["AGENT_WORK_DIR": files.directory, "CLOUDIFY_DAEMON_STORAGE_DIRECTORY": "/storage"]
        environment.merge(more) { $1 }
        let daemon = try CloudifyDaemon(
            name: name, queue: "host_agent1", maxWorkers: maxWorkers, environment: environment)
        return try AgentConfiguration.load(daemon: daemon, file: nil, environment: environment, overrides: overrides)
    }

    @Test("What cfy-agent writes is understood: every key of the file and every variable of the service")
    func installed() throws {
        let certificate = try files.write("-----BEGIN CERTIFICATE-----\n", to: "broker_cert.pem")
        // As rendered by cfy-agent 7.1, but for the path.
        let configuration = try load(
            """
            {
             "broker_ssl_enabled": true,
             "broker_cert_path": "\(certificate)",
             "broker_username": "rabbitmq_user_host_agent1",
             "broker_password": "secret",
             "broker_hostname": ["10.0.0.1", "10.0.0.2"],
             "broker_vhost": "rabbitmq_vhost_default_tenant",
             "broker_heartbeat": null
            }
            """,
            environment: [
                "AGENT_LOG_MAX_BYTES": "1000", "AGENT_LOG_MAX_HISTORY": "3", "AGENT_LOG_DIR": "/log",
                "AGENT_LOG_LEVEL": "WARNING", "LOCAL_REST_CERT_FILE": "/ssl/rest.pem", "AGENT_NAME": "host_agent1",
                "CLOUDIFY_DAEMON_USER": "u", "CFY_EXEC_TEMP": "/mnt/exec", "CFY_RESOURCES_ROOT": "/resources",
                "CFY_PLUGINS_ROOT": "/plugins", "EXTRA": "1",
            ])
        #expect(configuration.name == "host_agent1")
        #expect(configuration.queue == "host_agent1")
        #expect(configuration.concurrency == 5)
        #expect(configuration.stateDirectory == "\(files.directory)/operative")
        #expect(
            configuration.broker.endpoints == [
                BrokerEndpoint(host: "10.0.0.1", port: 5671), BrokerEndpoint(host: "10.0.0.2", port: 5671),
            ])
        #expect(configuration.broker.tls?.caFile == certificate)
        #expect(configuration.broker.username == "rabbitmq_user_host_agent1")
        #expect(configuration.broker.password.value == "secret")
        #expect(configuration.broker.virtualHost == "rabbitmq_vhost_default_tenant")
        #expect(configuration.broker.heartbeat == .seconds(30))
        #expect(configuration.broker.startupTimeout == nil)
        #expect(configuration.retry.mode == .reply)
        #expect(configuration.taskEvents == .manager)
        #expect(configuration.telemetry.mode == .rest)
        #expect(configuration.log.level == .warning)
        let daemon = try #require(configuration.daemon)
        #expect(daemon.logFile?.path == "/log/host_agent1.log")
        #expect(daemon.logFile?.maxBytes == 1000)
        #expect(daemon.logFile?.maxHistory == 3)
        #expect(daemon.restCAFile == "/ssl/rest.pem")
        #expect(daemon.storageDirectory == "/storage")
        #expect(configuration.notices.isEmpty)
        #expect(!configuration.secretsRedacted.contains("secret\""))
        #expect(!"\(configuration)".contains("broker.password: secret"))
    }

    @Test(
        "What Python takes for false leaves the default",
        arguments: [
            "{}",
            """
            {"broker_ssl_enabled": false, "broker_cert_path": "", "broker_username": null, "broker_password": "",
             "broker_hostname": [], "broker_vhost": null, "broker_heartbeat": 0, "broker_port": null}
            """,
        ])
    func falsy(text: String) throws {
        let configuration = try load(text)
        #expect(configuration.broker.endpoints == [BrokerEndpoint(host: "localhost", port: 5672)])
        #expect(configuration.broker.username == "guest")
        #expect(configuration.broker.password.value == "guest")
        #expect(configuration.broker.virtualHost == "/")
        #expect(configuration.broker.heartbeat == .seconds(30))
        #expect(configuration.broker.tls == nil)
    }

    @Test("One host, another port and a heartbeat can be given; keys that nobody knows are left alone")
    func more() throws {
        let configuration = try load(
            #"{"broker_hostname": "::1", "broker_port": 5673, "broker_heartbeat": 10, "broker_management_hostname": 5}"#
        )
        #expect(configuration.broker.endpoints == [BrokerEndpoint(host: "::1", port: 5673)])
        #expect(configuration.broker.heartbeat == .seconds(10))
    }

    @Test(
        "Operative's own variables and flags win over the service's files; the service's command line over the variables"
    )
    func layers() throws {
        let configuration = try load(
            #"{"broker_username": "file"}"#,
            environment: [
                "OPERATIVE_BROKER_USERNAME": "variable", "OPERATIVE_TELEMETRY_MODE": "none", "AGENT_LOG_LEVEL": "debug",
                "OPERATIVE_CONCURRENCY": "7", "STATE_DIRECTORY": "/systemd",
            ], overrides: ["log.level": "error"])
        #expect(configuration.broker.username == "variable")
        #expect(configuration.telemetry.mode == .none)
        #expect(configuration.log.level == .error)
        #expect(configuration.concurrency == 5)
        #expect(configuration.stateDirectory == "\(files.directory)/operative")
    }

    @Test("The name comes from the command line, else from the environment, else it is the queue's")
    func names() throws {
        #expect(try load("{}", environment: ["AGENT_NAME": "other"]).name == "host_agent1")
        #expect(try load("{}", environment: ["AGENT_NAME": "other"], name: nil).name == "other")
        #expect(try load("{}", environment: ["AGENT_NAME": ""], name: nil).name == "host_agent1")
    }

    @Test("Without a storage directory it is in the home of the daemon's user")
    func storage() {
        let root = CloudifyDaemon.storageDirectory(environment: ["CLOUDIFY_DAEMON_USER": "root"])
        #expect(root == "/root/.cfy-agent")
        #expect(CloudifyDaemon.storageDirectory(environment: ["CLOUDIFY_DAEMON_USER": "nobody-has-this-name"]) == nil)
    }

    @Test(
        "A wrong broker_config.json is refused in one line that names the key and the remedy",
        arguments: [
            ("[]", ": is no JSON object; write"), ("{", ": is not JSON: "),
            (#"{"broker_port": "5672"}"#, ", broker_port: is no whole number; write a port"),
            (#"{"broker_port": 70000}"#, #", broker_port: broker.port: "70000" is out of range; write"#),
            (#"{"broker_heartbeat": -1}"#, #", broker_heartbeat: broker.heartbeat: "-1s" does not fit; write"#),
            (#"{"broker_hostname": [1]}"#, ", broker_hostname: is neither a host nor a list of hosts; write"),
            (#"{"broker_hostname": "a b"}"#, ", broker_hostname: broker.hosts: "),
            (#"{"broker_username": 1}"#, ", broker_username: is no text; write it in quotes"),
            (#"{"broker_ssl_enabled": "yes"}"#, ", broker_ssl_enabled: is no truth value; write true or false"),
            (#"{"broker_ssl_enabled": true}"#, ", broker_cert_path: is not set although broker_ssl_enabled is true;"),
            (
                #"{"broker_ssl_enabled": true, "broker_cert_path": "/none.pem"}"#,
                #", broker_cert_path: broker.tls.ca_file: "/none.pem" cannot be read"#
            ),
        ])
    func wrongFile(text: String, expected: String) throws {
        let error = try #require(throws: ConfigurationError.self) { try load(text) }
        #expect(error.description.hasPrefix("\(files.directory)/broker_config.json\(expected)"), "\(error)")
        #expect(!error.description.contains("\n"))
    }

    @Test(
        "A wrong variable is refused in one line that names it",
        arguments: [
            (["AGENT_WORK_DIR": ""], "AGENT_WORK_DIR: is not set; name"),
            (["AGENT_LOG_LEVEL": "LOUD"], "AGENT_LOG_LEVEL: \"LOUD\" is no level; write DEBUG"),
            (
                ["AGENT_LOG_DIR": "/log", "AGENT_LOG_MAX_BYTES": "5MB"],
                "AGENT_LOG_MAX_BYTES: \"5MB\" is no number; write"
            ),
            (["AGENT_LOG_DIR": "/log", "AGENT_LOG_MAX_HISTORY": "-1"], "AGENT_LOG_MAX_HISTORY: \"-1\" is no number;"),
        ])
    func wrongVariable(environment: [String: String], expected: String) throws {
        let error = try #require(throws: ConfigurationError.self) { try load("{}", environment: environment) }
        #expect(error.description.hasPrefix("environment \(expected)"), "\(error)")
    }

    @Test("Without broker_config.json the agent does not start, and says where it was looked for")
    func missingFile() throws {
        let error = try #require(throws: ConfigurationError.self) { try load(nil) }
        #expect(error.description.hasPrefix("\(files.directory)/broker_config.json: cannot be read"), "\(error)")
    }

    @Test("More workers than there can be are refused, naming the flag")
    func workers() throws {
        let error = try #require(throws: ConfigurationError.self) { try load("{}", maxWorkers: "0") }
        #expect(error.description.hasPrefix("command line --max-workers: "), "\(error)")
    }
}
