internal import ArgumentParser

/// The command line as a whole.
struct AgentCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: ProgramIdentity.current.name,
            abstract: "An operation agent: takes tasks from RabbitMQ, runs them with plugin operations, reports back.",
            discussion: """
                Settings come from a YAML file (--config), then environment variables (OPERATIVE_BROKER_HOSTS for \
                broker.hosts), then flags; later ones win. Exit codes follow sysexits(3): 64 wrong usage, 69 broker or \
                agent out of reach, 70 plugins that cannot be served together, 73 no usable state directory, 75 try \
                again later, 77 no permission, 78 wrong configuration.
                """,
            subcommands: [
                RunCommand.self, WorkerCommand.self, StatusCommand.self, OperationsCommand.self, CancelCommand.self,
                DrainCommand.self,
                JournalCommand.self, SendCommand.self, PingCommand.self, PluginsCommand.self, ValidateCommand.self,
                VersionCommand.self,
            ])
    }
}
