internal import ArgumentParser
internal import Journal
internal import Operative

struct OperationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operations",
        abstract: "Lists what the agent on this machine runs, what waits, and what ended lately.")

    private static let parkedLimit = 100

    @OptionGroup var admin: AdminOptions

    @Flag(help: "Print JSON: one object on one line.")
    var json = false

    /// Attempts that wait in the broker, by the journal's word: the agent holds nothing of them in memory.
    private var parked: PropertyValue {
        let rows = try? JournalAccess.read(admin.options) {
            try $0.newest(JournalBrowser.Filter(isParked: true), limit: Self.parkedLimit)
        }
        return rows.map { .array($0.map { .object($0.summary) }) } ?? .null
    }

    func run() async throws {
        try await CommandFailure.reporting {
            let operations = PropertyValue.object(
                (try admin.ask("operations").objectValue ?? [:]).merging(["parked": parked]) { $1 })
            StandardOutput.write(json ? operations.jsonString + "\n" : StatusText.operations(operations))
        }
    }
}
