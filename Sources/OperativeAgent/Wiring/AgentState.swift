internal import AgentConfiguration
internal import AgentRuntime
internal import Journal
internal import Logging

/// What the agent keeps in its state directory.
struct AgentState {
    let isFresh: Bool
    let cancellations: any CancellationRecord
    let instances: any InstanceData
    let archive: any MessageArchive
    private let directory: StateDirectory

    static func open(_ configuration: AgentConfiguration, logger: Logger) throws -> AgentState {
        do {
            let directory = try StateDirectory(path: configuration.stateDirectory)
            let database = try StateDatabase.open(in: directory)
            return AgentState(
                isFresh: directory.wasCreated,
                cancellations: LedgerCancellationRecord(ledger: try CancellationLedger(database)),
                instances: LocalInstanceData(store: LocalInstanceStore(database)),
                archive: try QuarantineArchive(directory: directory, logger: logger),
                directory: directory)
        } catch let error as JournalError where error.code == .locked {
            throw CommandFailure(message: error.message, status: ExitStatus.temporaryFailure)
        } catch {
            throw CommandFailure(
                message: "state_directory \(configuration.stateDirectory): \(error)", status: ExitStatus.cannotCreate)
        }
    }
}
