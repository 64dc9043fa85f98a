internal import AgentRuntime
internal import Journal

/// Cancellations in the state directory.
struct LedgerCancellationRecord: CancellationRecord {
    let ledger: CancellationLedger

    var storeID: String { ledger.storeID }
    var currentEpoch: Int64 { ledger.currentEpoch }
    var count: Int { ledger.count }

    func record(executionID: String) throws { _ = try ledger.record(executionID: executionID) }

    func writeRemembered() throws { try ledger.writeRemembered() }

    func isCancelled(executionID: String, after epoch: Int64) -> Bool {
        ledger.isCancelled(executionID: executionID, after: epoch)
    }
}
