internal import ArgumentParser
internal import Journal
internal import Operative

struct JournalShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Prints all that the journal holds of a task, as JSON without secrets.",
        discussion:
            "One object per line: a task has one row for each attempt, and one for a reply that could not be delivered. Exit code 66 when there is none."
    )

    @Argument(help: ArgumentHelp("A key that list shows, or a task id.", valueName: "key"))
    var key: String

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        try await CommandFailure.reporting {
            let rows = try JournalAccess.read(options) { browser in
                try browser.rows(named: key).map(\.detail) + browser.undeliverable(named: key).map(\.detail)
            }
            guard !rows.isEmpty else {
                throw CommandFailure(message: "the journal holds no task '\(key)'", status: ExitStatus.noInput)
            }
            StandardOutput.write(rows.map { $0.jsonString + "\n" }.joined())
        }
    }
}
