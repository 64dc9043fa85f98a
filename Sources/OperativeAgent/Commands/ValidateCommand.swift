internal import AgentConfiguration
internal import ArgumentParser

struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Checks the configuration and prints what is in force, secrets hidden.",
        discussion:
            "Exit code 78 with one line that names the setting and the remedy when something is wrong. Does not connect to the broker: see ping."
    )

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        try await CommandFailure.reporting {
            let configuration = try options.load()
            for notice in configuration.notices { StandardError.write("note: \(notice)\n") }
            StandardOutput.write(configuration.secretsRedacted + "\n")
            _ = try PluginCatalogue.registry()
        }
    }
}
