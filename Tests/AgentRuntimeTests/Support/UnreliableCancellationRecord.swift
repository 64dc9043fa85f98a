import AgentRuntime
import Synchronization

/// Cancellations on a disk that can be full.
final class UnreliableCancellationRecord: CancellationRecord {
    struct DiskFull: Error {}

    private let inner = InMemoryCancellationRecord()
    private let full = Atomic(false)
    private let unwritten = Atomic(0)

    var storeID: String { inner.storeID }
    var currentEpoch: Int64 { inner.currentEpoch }
    var count: Int { inner.count }
    /// How many cancellations are only in memory.
    var unwrittenCount: Int { unwritten.load(ordering: .sequentiallyConsistent) }

    func setFull(_ isFull: Bool) { full.store(isFull, ordering: .sequentiallyConsistent) }

    func record(executionID: String) throws {
        inner.record(executionID: executionID)
        unwritten.add(1, ordering: .sequentiallyConsistent)
        try writeRemembered()
    }

    func writeRemembered() throws {
        if full.load(ordering: .sequentiallyConsistent) { throw DiskFull() }
        unwritten.store(0, ordering: .sequentiallyConsistent)
    }

    func isCancelled(executionID: String, after epoch: Int64) -> Bool {
        inner.isCancelled(executionID: executionID, after: epoch)
    }
}
