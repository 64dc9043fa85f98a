internal import AgentConfiguration
internal import ArgumentParser
internal import Glibc

/// The flags by which every command finds its settings.
struct ConfigurationOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: ArgumentHelp("The configuration file (YAML).", valueName: "file"))
    var config: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Any setting, for example --set retry.mode=reply. May be repeated.", valueName: "key=value"))
    var settings: [String] = []

    @Option(help: ArgumentHelp("The agent's name and queue.", valueName: "name"))
    var name: String?

    @Option(help: ArgumentHelp("The broker: host, host:port, or several with commas.", valueName: "hosts"))
    var brokerHosts: String?

    @Option(help: ArgumentHelp("How many operations run at once.", valueName: "count"))
    var concurrency: String?

    @Option(help: ArgumentHelp("Where the agent keeps its state.", valueName: "directory"))
    var stateDirectory: String?

    @Option(
        help: ArgumentHelp(
            "The agent's own log: trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var logLevel: String?

    func load() throws -> AgentConfiguration {
        do throws(ConfigurationError) {
            return try AgentConfiguration.load(file: config, environment: Self.environment, overrides: try overrides())
        } catch {
            throw CommandFailure(message: error.description, status: error.exitCode)
        }
    }

    private func overrides() throws(ConfigurationError) -> [String: String] {
        var overrides = Self.values(of: settings)
        for (key, value) in [
            ("name", name), ("broker.hosts", brokerHosts), ("concurrency", concurrency),
            ("state_directory", stateDirectory), ("log.level", logLevel),
        ] {
            if let value { overrides[key] = value }
        }
        return overrides
    }

    /// The settings of `--set`, by key.
    static func values(of settings: [String]) -> [String: String] {
        var values: [String: String] = [:]
        for setting in settings {
            let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            values[String(parts[0])] = parts.count == 2 ? String(parts[1]) : ""
        }
        return values
    }

    private static var environment: [String: String] { ProcessEnvironment.all }
}
