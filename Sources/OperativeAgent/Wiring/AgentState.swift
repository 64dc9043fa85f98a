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
            let directory = try StateDirectory.open(at: configuration.stateDirectory)
            return AgentState(
                isFresh: directory.wasCreated,
                cancellations: LedgerCancellationRecord(ledger: try CancellationLedger(in: directory)),
                instances: LocalInstanceData(store: try LocalInstanceStore(in: directory)),
                archive: QuarantineArchive(directory: directory, logger: logger),
                directory: directory)
        } catch {
            throw CommandFailure(
                message: "state_directory \(configuration.stateDirectory): \(error)", status: ExitStatus.cannotCreate)
        }
    }
}
