import AgentConfiguration
import Foundation
import Testing

@Suite("Wrong configurations get one clear line")
struct InvalidConfigurationTests {
    let files: TemporaryFiles

    init() throws {
        files = try TemporaryFiles()
    }

    /// Loads something that must fail and returns the error.
    private func failure(
        file: String? = nil, environment: [String: String] = [:], overrides: [String: String] = [:]
    ) throws -> ConfigurationError {
        let error = #expect(throws: ConfigurationError.self) {
            try AgentConfiguration.load(file: file, environment: environment, overrides: overrides)
        }
        let found = try #require(error)
        #expect(!found.description.contains("\n"))
        #expect(found.exitCode == 78)
        #expect(!found.remedy.isEmpty)
        return found
    }

    @Test(
        "A wrong file names its line, the setting and what is wrong",
        arguments: [
            ("name: a\nbroker:\n  hots: b\n", ":3: unknown setting \"broker.hots\", did you mean broker.hosts?"),
            ("hosts: b\n", ":1: unknown setting \"hosts\", did you mean broker.hosts?"),
            ("name: a\nname: b\n", ": has a key twice in one section: name; keep one of them"),
            ("broker:\n  port: 5\nbroker.port: 6\n", ":3: broker.port: is set a second time"),
            ("name: [a]\n", ":1: name: takes one value, not a list; write a text on one line"),
            ("name:\n  first: a\n", ":1: name: takes a value, not a section"),
            ("broker: 5\n", ":1: broker: is a section and takes no value"),
            ("\n\nconcurrency: many\n", ":3: concurrency: \"many\" does not fit; write a whole number from 1 to 1024"),
            ("concurrency: 0\n", ":1: concurrency: \"0\" is out of range; write a whole number from 1 to 1024"),
            ("concurrency:\n", ":1: concurrency: has no value"),
            ("- a\n", ":1: does not start with keys"),
            ("name: 'a\n", "is not YAML"),
            ("name: a\n\tqueue: b\n", "is not YAML"),
            ("name: \"a\\nb\"\n", ":1: name: contains a control character or line break"),
            ("[1]: a\n", ":1: has a key that is not a word"),
            ("shared_queue: maybe\n", ":1: shared_queue: \"maybe\" does not fit; write true or false"),
            ("drain_timeout: 5 minutes\n", ":1: drain_timeout: \"5 minutes\" does not fit; write a duration such as"),
            ("max_message_bytes: 16MB\n", ":1: max_message_bytes: \"16MB\" does not fit; write a size such as"),
            ("retry:\n  mode: both\n", ":2: retry.mode: \"both\" does not fit; write requeue or reply"),
        ])
    func wrongFile(text: String, expected: String) throws {
        let file = try files.write(text, to: "agent.yaml")
        let error = try failure(file: file)
        #expect(error.description.contains(expected))
        #expect(error.description.hasPrefix(file))
    }

    @Test("A file that cannot be read says why")
    func unreadableFile() throws {
        #expect(try failure(file: "/nowhere/agent.yaml").description.contains("No such file or directory"))
        #expect(try failure(file: files.directory).description.contains("is a directory"))
        let path = try files.write("name: ", to: "latin1.yaml")
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: [0xFF])
        try handle.close()
        #expect(try failure(file: path).description.contains("is not UTF-8 text"))
    }

    @Test(
        "A wrong value on the command line names the setting",
        arguments: [
            ("broker.port", "0", "\"0\" is out of range; write a whole number from 1 to 65535"),
            ("broker.port", "70000", "is out of range"),
            ("broker.port", "99999999999999999999", "does not fit"),
            ("broker.hosts", "", "is empty or has an empty element"),
            ("broker.hosts", "a,,b", "is empty or has an empty element"),
            ("broker.hosts", "amqp://a", "\"amqp://a\" is not a host; write host or host:port"),
            ("broker.hosts", "a:0", "\"a:0\" is not a host"),
            ("broker.hosts", "[::1", "is not a host"),
            ("broker.hosts", "a b", "is not a host"),
            ("broker.heartbeat", "1500ms", "is not a whole number of seconds"),
            ("broker.virtual_host", "", "is empty"),
            ("broker.username", String(repeating: "u", count: 256), "is 256 bytes long"),
            ("name", "", "is empty"),
            ("name", "a b", "contains white space"),
            ("name", "a\u{0}", "contains a control character"),
            ("name", "amq.agent", "begins with amq., which brokers reserve"),
            ("queue", String(repeating: "ü", count: 101), "is 202 bytes long; write a name of at most 200 bytes"),
            ("retry.max_delay", "10s", "is longer than retry.max_delay"),
            ("log.level", "loud", "\"loud\" does not fit; write trace or debug"),
            ("concurency", "3", "unknown setting \"concurency\", did you mean concurrency?"),
        ])
    func wrongOverride(key: String, value: String, expected: String) throws {
        let error = try failure(overrides: [key: value])
        #expect(error.description.contains(expected))
    }

    @Test("A wrong environment variable is named")
    func wrongVariable() throws {
        let error = try failure(environment: ["OPERATIVE_BROKER_PORT": "0"])
        #expect(error.key == "broker.port")
        #expect(error.source == .environment(variable: "OPERATIVE_BROKER_PORT"))
        #expect(error.description.hasPrefix("environment OPERATIVE_BROKER_PORT: broker.port: "))
    }

    @Test("A name of exactly 200 bytes is accepted")
    func longestName() throws {
        let name = String(repeating: "n", count: 200)
        let configuration = try AgentConfiguration.load(file: nil, environment: [:], overrides: ["name": name])
        #expect(configuration.queue == name)
    }
}
