internal import ArgumentParser
internal import Journal
internal import Operative

struct JournalExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Prints everything in the journal, oldest first: one JSON object per line, without secrets.")

    /// So many rows are in memory at a time.
    private static let portion = 200

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var filter: JournalFilterOptions

    func run() async throws {
        try await CommandFailure.reporting {
            try JournalAccess.read(options) { browser in
                var last: Int64 = .min
                while true {
                    let rows = try browser.rows(after: last, filter.filter, limit: Self.portion)
                    guard let newest = rows.last else { break }
                    StandardOutput.write(rows.map { $0.detail.jsonString + "\n" }.joined())
                    last = newest.id
                }
                guard !filter.isSet else { return }
                for row in try browser.undeliverable(limit: .max).reversed() {
                    StandardOutput.write(row.detail.jsonString + "\n")
                }
            }
        }
    }
}
