internal import Synchronization

/// What other threads leave for the I/O thread: messages to publish and deliveries to settle.
///
/// A thread that leaves many things may put off calling the I/O thread for each of them, and call it once with ``flush()``.
final class Mailbox: Sendable {
    /// A delivery that somebody is done with.
    struct Settlement: Sendable {
        enum Kind: UInt8, Sendable {
            case acknowledge, reject, requeue
        }
        /// Names one opening of one channel: tags of an earlier one mean nothing.
        let generation: UInt64
        let tag: UInt64
        let channel: UInt16
        let kind: Kind
    }

    struct Contents {
        var publishes: [PendingPublish] = []
        var settlements: [Settlement] = []
        var isEmpty: Bool { publishes.isEmpty && settlements.isEmpty }
    }

    private struct State {
        var contents = Contents()
        var isClosed = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let bytes = Atomic(0)
    private let hasWaiters = Atomic(false)
    private let limit: Int
    private let defersWakeUps: @Sendable () -> Bool
    private let wakeUp: @Sendable () -> Void

    /// - Parameters:
    ///   - limit: The cost above which ``waitForRoom()`` suspends.
    ///   - defersWakeUps: Asked on the thread that posts: whether it will call ``flush()`` soon.
    ///   - wakeUp: Calls the I/O thread.
    init(limit: Int, defersWakeUps: @escaping @Sendable () -> Bool, wakeUp: @escaping @Sendable () -> Void) {
        self.limit = limit
        self.defersWakeUps = defersWakeUps
        self.wakeUp = wakeUp
    }

    /// The cost of everything that is sent and not yet confirmed.
    var outboxBytes: Int { bytes.load(ordering: .relaxed) }

    var isEmpty: Bool { state.withLock { $0.contents.isEmpty } }

    // MARK: From any thread

    /// False when the mailbox is closed.
    func post(_ publish: PendingPublish) -> Bool {
        bytes.add(publish.cost, ordering: .relaxed)
        let isTaken = state.withLock { state in
            if state.isClosed { return false }
            state.contents.publishes.append(publish)
            return true
        }
        if isTaken { callThread() } else { bytes.subtract(publish.cost, ordering: .relaxed) }
        return isTaken
    }

    func post(_ settlement: Settlement) {
        state.withLock { $0.contents.settlements.append(settlement) }
        callThread()
    }

    private func callThread() {
        if !defersWakeUps() { wakeUp() }
    }

    /// Calls the I/O thread for what it was not called for yet.
    func flush() {
        if !isEmpty { wakeUp() }
    }

    /// Suspends while the outbox is over its limit. Returns at once when the mailbox is closed.
    func waitForRoom() async {
        guard outboxBytes > limit else { return }
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let mayPass = state.withLock { state in
                hasWaiters.store(true, ordering: .sequentiallyConsistent)
                // Read again behind the flag: the confirm that makes room may have come without seeing it.
                if state.isClosed || bytes.load(ordering: .sequentiallyConsistent) <= limit { return true }
                state.waiters.append(continuation)
                return false
            }
            if mayPass { continuation.resume() }
        }
    }

    // MARK: On the I/O thread

    /// Exchanges the contents for an empty `contents`, so that two arrays are used in turn and none is allocated.
    func take(into contents: inout Contents) {
        state.withLock { swap(&$0.contents, &contents) }
    }

    /// Takes settled messages off the account.
    func settled(cost: Int) {
        let left = bytes.subtract(cost, ordering: .sequentiallyConsistent).newValue
        if left <= limit, hasWaiters.load(ordering: .sequentiallyConsistent) { admitWaiters() }
    }

    /// Refuses what comes from now on.
    func close() {
        state.withLock { $0.isClosed = true }
        admitWaiters()
    }

    private func admitWaiters() {
        let waiters = state.withLock { state in
            hasWaiters.store(false, ordering: .sequentiallyConsistent)
            defer { state.waiters.removeAll() }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
