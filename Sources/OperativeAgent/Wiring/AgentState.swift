internal import AgentConfiguration
internal import AgentRuntime
internal import Journal
internal import Logging
internal import OperationProcesses

/// What the agent keeps in its state directory.
struct AgentState {
    let cancellations: any CancellationRecord
    let manager: any Manager
    let archive: StateArchive
    let journal: any TaskJournal
    /// The record of the processes that run for operations.
    let processes: any ProcessLedger
    private let directory: StateDirectory

    static func open(_ configuration: AgentConfiguration, logger: Logger) throws -> AgentState {
        do {
            let directory = try StateDirectory(path: configuration.stateDirectory)
            let database = try StateDatabase.open(in: directory)
            let journal = try journal(in: directory, configuration.journal, logger: logger)
            return AgentState(
                cancellations: LedgerCancellationRecord(ledger: try CancellationLedger(database)),
                manager: LocalManager(store: LocalInstanceStore(database), directory: directory),
                archive: try StateArchive(directory: directory, journal: journal as? SQLiteJournal, logger: logger),
                journal: journal,
                processes: (journal as? SQLiteJournal).map { JournalProcessLedger(journal: $0) }
                    ?? InMemoryProcessLedger(),
                directory: directory)
        } catch let error as JournalError where error.code == .locked {
            throw CommandFailure(message: error.message, status: ExitStatus.temporaryFailure)
        } catch {
            throw CommandFailure(
                message: "state_directory \(configuration.stateDirectory): \(error)", status: ExitStatus.cannotCreate)
        }
    }

    /// Notes an orderly stop.
    func close() async {
        try? cancellations.writeRemembered()
        if let journal = journal as? SQLiteJournal { await journal.close() }
    }

    private static func journal(
        in directory: StateDirectory, _ settings: AgentConfiguration.Journal, logger: Logger
    ) throws -> any TaskJournal {
        guard settings.store == .disk else { return InMemoryJournal(isFresh: directory.wasCreated) }
        return try SQLiteJournal(
            in: directory, limits: JournalLimits(maximumBytes: Int64(settings.maxBytes)),
            durability: settings.durability == .strict ? .strict : .grouped,
            onLost: { lost in
                logger.error(
                    "Undeliverable replies are forgotten: too old, or too many for journal.max_bytes",
                    metadata: ["too_old": "\(lost.expired)", "too_many": "\(lost.displaced)"])
            },
            onRefused: { error in
                logger.error("The journal cannot take a record and goes on without it: \(error)")
            })
    }
}
