internal import AgentExecutors

/// How long a journal that failed is left alone before it is tried again.
///
/// A trial proves little: what it writes is small, and what failed may have been large. So a failure soon after a recovery
/// doubles the pause; each task that is taken in and given back meanwhile costs the broker and, in some queues, the task.
struct RecoveryPauses: Sendable {
    static let longest = Duration.seconds(30)
    /// A recovery that holds for so long was one.
    static let proof = Duration.seconds(60)

    private let shortest: Duration
    private var recovered: MonotonicInstant?
    private(set) var current: Duration

    init(shortest: Duration = .seconds(1)) {
        self.shortest = shortest
        current = shortest
    }

    mutating func failed(at now: MonotonicInstant) {
        guard let recovered, now.duration(since: recovered) < Self.proof else {
            current = shortest
            return
        }
        current = min(current * 2, Self.longest)
    }

    mutating func recovered(at now: MonotonicInstant) { recovered = now }
}
