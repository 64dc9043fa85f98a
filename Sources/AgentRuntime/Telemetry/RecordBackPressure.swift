internal import AgentExecutors

/// Whether an operation that can wait is to wait before its next record.
///
/// It waits while more than a quarter of the memory for records is taken, so that the rest is there for operations that cannot wait. When nothing has left the memory for as long as its patience goes, it goes on, with half of the memory at the most, until something leaves again.
struct RecordBackPressure {
    private let memory: Int
    private let patience: Duration
    private var seen = 0
    /// When something has left the memory for the last time, as far as it was looked at; nil while there is room.
    private var moved: MonotonicInstant?
    private var hasGivenUp = false

    /// - Parameters:
    ///   - memory: How many bytes of records may wait in memory.
    ///   - patience: How long it waits for something to move.
    init(memory: Int, patience: Duration) {
        self.memory = memory
        self.patience = patience
    }

    /// How much may wait in memory for a further record of this operation not to be left out.
    var allowance: Int { hasGivenUp ? memory / 2 : memory }

    /// - Parameter pending: the bytes that wait in memory.
    mutating func mustWait(pending: Int, now: MonotonicInstant) -> Bool {
        defer { seen = pending }
        guard pending > memory / 4 else {
            moved = nil
            hasGivenUp = false
            return false
        }
        if moved == nil || pending < seen { moved = now }
        hasGivenUp = moved.map { now.duration(since: $0) >= patience } ?? false
        return !hasGivenUp
    }

    /// It cannot wait any more: it was cancelled.
    mutating func giveUp() { hasGivenUp = true }
}
