import AgentConfiguration
import Foundation
import Testing

@Suite("Layers of the configuration")
struct LayeringTests {
    let files: TemporaryFiles

    init() throws {
        files = try TemporaryFiles()
    }

    @Test("Without any layer all defaults apply")
    func defaults() throws {
        let configuration = try AgentConfiguration.load(file: nil, environment: [:], overrides: [:])
        #expect(configuration.name == ProcessInfo.processInfo.hostName)
        #expect(configuration.queue == configuration.name)
        #expect(configuration.stateDirectory == "/var/lib/operative")
        #expect(configuration.concurrency == 5)
        #expect(configuration.prefetch == 20)
        #expect(configuration.drainTimeout == .seconds(60))
        #expect(configuration.maxMessageBytes == 16 << 20)
        #expect(configuration.taskEvents == .agent)
        #expect(configuration.queueType == .classic)
        #expect(!configuration.sharedQueue)
        #expect(configuration.broker.endpoints == [BrokerEndpoint(host: "localhost", port: 5672)])
        #expect(configuration.broker.virtualHost == "/")
        #expect(configuration.broker.username == "guest")
        #expect(configuration.broker.password.value == "guest")
        #expect(configuration.broker.heartbeat == .seconds(30))
        #expect(configuration.broker.connectTimeout == .seconds(5))
        #expect(configuration.broker.startupTimeout == .seconds(30))
        #expect(configuration.broker.tls == nil)
        #expect(configuration.retry.mode == .requeue)
        #expect(configuration.retry.maxDelay == .seconds(30 * 86_400))
        #expect(configuration.retry.defaultInterval == .seconds(30))
        #expect(configuration.retry.queueType == .classic)
        #expect(configuration.telemetry.mode == .amqp)
        #expect(configuration.telemetry.bufferBytes == 16 << 20)
        #expect(configuration.telemetry.flushTimeout == .seconds(10))
        #expect(configuration.undeliverableRetryFor == .seconds(600))
        #expect(configuration.journal.lost == .fail)
        #expect(configuration.effectiveSettings.first { $0.key == "log.level" }?.value == "info")
        #expect(configuration.log.format == .text)
        #expect(configuration.notices.isEmpty)
    }

    @Test("The environment wins over the file and the command line over both, key by key")
    func precedence() throws {
        let file = try files.write("concurrency: 1\nname: a\nbroker:\n  port: 1\n", to: "agent.yaml")
        let configuration = try AgentConfiguration.load(
            file: file,
            environment: ["OPERATIVE_CONCURRENCY": "2", "OPERATIVE_BROKER_PORT": "2"],
            overrides: ["broker.port": "3"])
        #expect(configuration.name == "a")
        #expect(configuration.concurrency == 2)
        #expect(configuration.broker.endpoints.map(\.port) == [3])
        let sources = Dictionary(
            uniqueKeysWithValues: configuration.effectiveSettings.map { ($0.key, $0.source.description) })
        #expect(sources["name"] == "\(file):2")
        #expect(sources["concurrency"] == "environment OPERATIVE_CONCURRENCY")
        #expect(sources["broker.port"] == "command line broker.port")
        #expect(sources["prefetch"] == "default")
    }

    @Test("Every setting can be given by its environment variable, and each variable names one setting")
    func environmentVariables() {
        let variables = Setting.all.map(\.environmentVariable)
        #expect(Set(variables).count == Setting.all.count)
        #expect(variables.contains("OPERATIVE_BROKER_TLS_CA_FILE"))
    }

    @Test("A variable set to nothing counts as not set")
    func emptyVariable() throws {
        let configuration = try AgentConfiguration.load(
            file: nil, environment: ["OPERATIVE_CONCURRENCY": ""], overrides: [:])
        #expect(configuration.concurrency == 5)
    }

    @Test("A misspelt variable is reported but stops nothing")
    func unknownVariable() throws {
        let configuration = try AgentConfiguration.load(
            file: nil, environment: ["OPERATIVE_CONCURENCY": "9", "OPERATIVE_CONFIG": "x"], overrides: [:])
        #expect(
            configuration.notices == [
                "environment variable OPERATIVE_CONCURENCY is no setting, did you mean OPERATIVE_CONCURRENCY?"
            ])
    }

    @Test("Dotted keys mean the same as nested ones, and an empty section is harmless")
    func dottedKeys() throws {
        let file = try files.write("broker.port: 7\nbroker:\n  tls:\nretry:\n  # mode: reply\n", to: "agent.yaml")
        let configuration = try AgentConfiguration.load(file: file, environment: [:], overrides: [:])
        #expect(configuration.broker.endpoints.map(\.port) == [7])
    }

    @Test("An empty file gives the defaults", arguments: ["", "\n", "# nothing\n", "---\n"])
    func emptyFile(text: String) throws {
        let file = try files.write(text, to: "agent.yaml")
        let configuration = try AgentConfiguration.load(file: file, environment: [:], overrides: [:])
        #expect(configuration.concurrency == 5)
    }

    @Test("systemd's state directory is the default, the first one when there are several")
    func stateDirectory() throws {
        let environment = ["STATE_DIRECTORY": "/var/lib/one:/var/lib/two"]
        let first = try AgentConfiguration.load(file: nil, environment: environment, overrides: [:])
        #expect(first.stateDirectory == "/var/lib/one")
        let chosen = try AgentConfiguration.load(
            file: nil, environment: environment, overrides: ["state_directory": "/srv/agent"])
        #expect(chosen.stateDirectory == "/srv/agent")
    }

    @Test("The automatic prefetch is twice the concurrency and at least 20", arguments: [(1, 20), (10, 20), (11, 22)])
    func automaticPrefetch(concurrency: Int, prefetch: Int) throws {
        let configuration = try AgentConfiguration.load(
            file: nil, environment: [:], overrides: ["concurrency": String(concurrency)])
        #expect(configuration.prefetch == prefetch)
    }

    @Test("Hosts are read from a YAML list and from a text with commas, with ports and IPv6 addresses")
    func hosts() throws {
        let expected = [
            BrokerEndpoint(host: "one", port: 5672), BrokerEndpoint(host: "two", port: 5673),
            BrokerEndpoint(host: "::1", port: 5672), BrokerEndpoint(host: "2001:db8::1", port: 9),
        ]
        let file = try files.write("broker:\n  hosts: [one, 'two:5673', '::1', '[2001:db8::1]:9']\n", to: "agent.yaml")
        let fromFile = try AgentConfiguration.load(file: file, environment: [:], overrides: [:])
        #expect(fromFile.broker.endpoints == expected)
        let fromText = try AgentConfiguration.load(
            file: nil, environment: ["OPERATIVE_BROKER_HOSTS": "one, two:5673,::1,[2001:db8::1]:9"], overrides: [:])
        #expect(fromText.broker.endpoints == expected)
        #expect(fromText.broker.endpoints.map(\.description).last == "[2001:db8::1]:9")
    }

    @Test("A startup timeout of 0 means without limit")
    func startupTimeout() throws {
        let configuration = try AgentConfiguration.load(
            file: nil, environment: [:], overrides: ["broker.startup_timeout": "0s"])
        #expect(configuration.broker.startupTimeout == nil)
    }
}
