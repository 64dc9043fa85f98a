internal import AgentConfiguration
internal import ArgumentParser

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs the agent until SIGTERM or SIGINT.",
        discussion: """
            On SIGTERM no new task is taken, waiting ones go back to the broker, and running operations may go on for \
            drain_timeout; a second SIGTERM cancels them at once. Under systemd (Type=notify) the agent is ready once \
            it consumes from its queue.

            Settings:
            \(SettingsDocument.help(width: 79))
            """)

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        try await CommandFailure.reporting {
            let configuration = try options.load()
            let registry = try PluginCatalogue.registry()
            let agent = try AgentAssembly(configuration: configuration, registry: registry)
            try await agent.run()
        }
    }
}
