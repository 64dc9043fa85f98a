internal import AgentConfiguration
internal import ArgumentParser

struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Runs the agent in the place of a Cloudify manager's Python worker.",
        discussion: """
            Takes the command line, the environment (AGENT_WORK_DIR, AGENT_LOG_DIR, …) and the broker_config.json that a \
            Cloudify agent's service has, so that this command can stand in its service file where \
            "python -m cloudify_agent.worker" stood. Retries, task events and log records go the way a Cloudify 7 manager \
            expects. A configuration file, OPERATIVE_… variables and --set still win, key by key. What keeps the agent from \
            starting is also written to <name>.err in the daemon's storage directory.
            """)

    @Option(help: ArgumentHelp("The agent's queue.", valueName: "queue"))
    var queue: String

    @Option(help: ArgumentHelp("The agent's name. Default: $AGENT_NAME, else the queue.", valueName: "name"))
    var name: String?

    @Option(help: ArgumentHelp("How many operations run at once.", valueName: "count"))
    var maxWorkers = "10"

    @Option(help: ArgumentHelp("Accepted and not used: hooks run on the manager.", valueName: "queue"))
    var hooksQueue: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("A configuration file (YAML).", valueName: "file"))
    var config: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Any setting, for example --set drain_timeout=30s. May be repeated.", valueName: "key=value")
    )
    var settings: [String] = []

    func run() async throws {
        try await CommandFailure.reporting {
            do {
                let agent = try AgentAssembly(
                    configuration: try firstConfiguration(),
                    registry: try PluginCatalogue.registry([CloudifyAgentPlugin()]), reload: load)
                try await agent.run()
            } catch {
                startupErrorFile?.write(error)
                throw error
            }
        }
    }

    private func firstConfiguration() throws(CommandFailure) -> AgentConfiguration {
        do throws(ConfigurationError) {
            return try load()
        } catch {
            throw CommandFailure(message: error.description, status: error.exitCode)
        }
    }

    @Sendable private func load() throws(ConfigurationError) -> AgentConfiguration {
        let environment = ProcessEnvironment.all
        let daemon = try CloudifyDaemon(name: name, queue: queue, maxWorkers: maxWorkers, environment: environment)
        return try AgentConfiguration.load(
            daemon: daemon, file: config, environment: environment,
            overrides: ConfigurationOptions.values(of: settings))
    }

    private var startupErrorFile: StartupErrorFile? {
        let environment = ProcessEnvironment.all
        return CloudifyDaemon.storageDirectory(environment: environment).map { directory in
            StartupErrorFile(
                directory: directory,
                agentName: CloudifyDaemon.name(name, queue: queue, environment: environment))
        }
    }
}
