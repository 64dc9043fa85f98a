internal import AgentConfiguration
internal import AgentRuntime
internal import Journal
internal import Logging

/// What the agent keeps in its state directory.
struct AgentState {
    let cancellations: any CancellationRecord
    let instances: any InstanceData
    let archive: any MessageArchive
    let journal: any TaskJournal
    private let directory: StateDirectory

    static func open(_ configuration: AgentConfiguration, logger: Logger) throws -> AgentState {
        do {
            let directory = try StateDirectory(path: configuration.stateDirectory)
            let database = try StateDatabase.open(in: directory)
            return AgentState(
                cancellations: LedgerCancellationRecord(ledger: try CancellationLedger(database)),
                instances: LocalInstanceData(store: LocalInstanceStore(database)),
                archive: try QuarantineArchive(directory: directory, logger: logger),
                journal: try journal(in: directory, configuration.journal), directory: directory)
        } catch let error as JournalError where error.code == .locked {
            throw CommandFailure(message: error.message, status: ExitStatus.temporaryFailure)
        } catch {
            throw CommandFailure(
                message: "state_directory \(configuration.stateDirectory): \(error)", status: ExitStatus.cannotCreate)
        }
    }

    /// Notes an orderly stop.
    func close() async {
        if let journal = journal as? SQLiteJournal { await journal.close() }
    }

    private static func journal(
        in directory: StateDirectory, _ settings: AgentConfiguration.Journal
    ) throws -> any TaskJournal {
        guard settings.store == .disk else { return InMemoryJournal(isFresh: directory.wasCreated) }
        return try SQLiteJournal(
            in: directory, limits: JournalLimits(maximumBytes: Int64(settings.maxBytes)),
            durability: settings.durability == .strict ? .strict : .grouped)
    }
}
