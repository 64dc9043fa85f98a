internal import ArgumentParser
internal import Journal
internal import Operative

struct JournalListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists what the journal holds, newest first.")

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var filter: JournalFilterOptions

    @Flag(help: "Only replies that could not be delivered; their keys are for show and retry-reply too.")
    var undeliverable = false

    @Option(help: ArgumentHelp("How many rows at most.", valueName: "count"))
    var limit = 50

    @Flag(help: "Print JSON: one object per line.")
    var json = false

    func validate() throws {
        guard limit > 0, limit <= 1_000_000 else { throw ValidationError("--limit: expected 1 to 1000000.") }
        guard !undeliverable || !filter.isSet else {
            throw ValidationError("--undeliverable: cannot be combined with --state, --execution or --parked.")
        }
    }

    func run() async throws {
        try await CommandFailure.reporting {
            let rows = try JournalAccess.read(options) { browser in
                undeliverable
                    ? try browser.undeliverable(limit: limit).map(\.summary)
                    : try browser.newest(filter.filter, limit: limit).map(\.summary)
            }
            guard !json else {
                return StandardOutput.write(rows.map { PropertyValue.object($0).jsonString + "\n" }.joined())
            }
            let columns =
                undeliverable
                ? ["key", "reply_to", "correlation_id", "task_id", "bytes", "reason", "kept_at"]
                : ["key", "state", "operation", "execution_id", "task_id", "retry_number", "outcome", "ended_at"]
            let head =
                undeliverable
                ? ["KEY", "REPLY TO", "CORRELATION", "TASK", "BYTES", "REASON", "KEPT"]
                : ["KEY", "STATE", "OPERATION", "EXECUTION", "TASK", "RETRY", "OUTCOME", "ENDED"]
            StandardOutput.write(
                StatusText.table(
                    head, rows.map { row in columns.map { StatusText.text(row[$0]) } },
                    otherwise: undeliverable ? "Every reply was delivered.\n" : "The journal holds no such task.\n"))
        }
    }
}
