internal import ArgumentParser
internal import Operative

struct OperationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operations",
        abstract: "Lists what the agent on this machine runs, what waits, and what ended lately.")

    @OptionGroup var admin: AdminOptions

    @Flag(help: "Print JSON: one object on one line.")
    var json = false

    func run() async throws {
        try await CommandFailure.reporting {
            let operations = try admin.ask("operations")
            StandardOutput.write(json ? operations.jsonString + "\n" : StatusText.operations(operations))
        }
    }
}
