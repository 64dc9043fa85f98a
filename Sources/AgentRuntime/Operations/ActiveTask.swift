internal import AgentExecutors
internal import AgentProtocol
internal import Synchronization

/// A task in the agent's hands: from its arrival until its outcome has reached the broker.
final class ActiveTask: Sendable {
    enum Phase: Sendable, Hashable {
        case waiting
        case running
        case settling
    }

    private struct State {
        var phase = Phase.waiting
        var began: MonotonicInstant?
        var settling: MonotonicInstant?
        var isCancelled = false
        var run: OperationRun?
        var receipts: [any DeliveryReceipt]
        /// The journal has it on disk: no broker needs to wait for it.
        var isKept: Bool
        var isDone = false
        var hasRoom = false
        var hasLateRecords = false
        /// Set once the task's manager was asked about it.
        var attendance: Attendance?
        /// Ends the wait for the manager that is under way.
        var endWait: (@Sendable () -> Void)?
        var mayHaveBegun = false
    }

    let key: TaskKey
    let envelope: TaskEnvelope
    let replyTo: String?
    let correlationID: String?
    let answersCancellation: Bool
    /// Which cancellations came before this task.
    let mark: ParkedMark
    let ticket = SlotTicket()
    let arrived = MonotonicInstant.now
    private let state: Mutex<State>

    /// - Parameter mark: what applies to a task that arrives now; one that was parked or kept brings its own.
    init(key: TaskKey, envelope: TaskEnvelope, message: IncomingMessage, mark: ParkedMark) {
        self.key = key
        self.envelope = envelope
        replyTo = message.answerAddress
        correlationID = message.correlationID
        answersCancellation = message.answersCancellation
        self.mark = message.parked ?? mark
        state = Mutex(State(receipts: message.keptAs == nil ? [message.receipt] : [], isKept: message.keptAs != nil))
    }

    var phase: Phase { state.withLock { $0.phase } }
    /// When its operation began; nil while it waits.
    var began: MonotonicInstant? { state.withLock { $0.began } }
    /// When its operation had ended; nil before.
    var settling: MonotonicInstant? { state.withLock { $0.settling } }
    var isCancelled: Bool { state.withLock { $0.isCancelled } }
    var isStuck: Bool { state.withLock { $0.run?.isStuck ?? false } }

    /// Whether a broker still waits to hear of this task.
    var isOwnedByBroker: Bool { state.withLock { !$0.isKept && !$0.isDone } }
    /// Whether the journal has taken it over.
    var isKept: Bool { state.withLock { $0.isKept } }

    /// Adds a copy of the same message, to be acknowledged together with the original: after a reconnect the copy is the only one that the broker owns.
    func join(_ receipt: any DeliveryReceipt) {
        let isKept = state.withLock { state in
            if !state.isKept { state.receipts.append(receipt) }
            return state.isKept
        }
        if isKept { receipt.acknowledge() }
    }

    /// The journal has taken the task over.
    func kept() {
        state.withLock { $0.isKept = true }
        acknowledge()
    }

    /// Whether a process whose journal is lost may have begun it: it must never be taken for new.
    var isResumed: Bool { state.withLock { $0.mayHaveBegun } }
    func mayHaveBegun() { state.withLock { $0.mayHaveBegun = true } }

    /// The task has left the agent's hands.
    func end() { state.withLock { $0.isDone = true } }

    /// Notes that the task has a place in the waiting room.
    func enterRoom() { state.withLock { $0.hasRoom = true } }

    /// - Returns: whether the task had a place in the waiting room; false when asked again.
    func leaveRoom() -> Bool {
        state.withLock { state in
            defer { state.hasRoom = false }
            return state.hasRoom
        }
    }

    /// - Returns: false when the task was cancelled before it could start.
    func begin(_ run: OperationRun) -> Bool {
        state.withLock { state in
            guard !state.isCancelled else { return false }
            state.phase = .running
            state.began = .now
            state.run = run
            return true
        }
    }

    func beginSettling() {
        state.withLock { state in
            state.phase = .settling
            state.settling = .now
        }
    }

    /// The outcome goes out before the last log records and events.
    var hasLateRecords: Bool { state.withLock { $0.hasLateRecords } }
    func noteLateRecords() { state.withLock { $0.hasLateRecords = true } }

    /// What its manager is to be told.
    var attendance: Attendance? { state.withLock { $0.attendance } }
    func attend(_ attendance: Attendance) { state.withLock { $0.attendance = attendance } }

    /// Notes that the manager is waited for.
    ///
    /// - Parameters:
    ///   - evenCancelled: the task was cancelled, and the manager is to be told all the same.
    ///   - end: ends the wait; called at once when the task was cancelled already, unless it is waited for even then.
    func wait(evenCancelled: Bool = false, _ end: @escaping @Sendable () -> Void) {
        let isCancelled = state.withLock { state in
            state.endWait = end
            return state.isCancelled && state.phase != .settling
        }
        if isCancelled, !evenCancelled { end() }
    }

    /// The manager has answered.
    func endWait() { state.withLock { $0.endWait = nil } }

    /// Ends a wait for the manager.
    ///
    /// - Parameter phase: only in this phase; in any when nil.
    func interruptWait(in phase: Phase? = nil) {
        let end = state.withLock { state in phase == nil || state.phase == phase ? state.endWait : nil }
        end?()
    }

    /// Cancels the task where it is. One that is already being settled stays as it is.
    ///
    /// - Returns: false when it was too late.
    func cancel(grace: Duration) -> Bool {
        let (isInTime, run): (Bool, OperationRun?) = state.withLock { state in
            guard state.phase != .settling else { return (false, nil) }
            state.isCancelled = true
            return (true, state.run)
        }
        ticket.withdraw()
        run?.interrupt(.cancelled, grace: grace)
        if isInTime { interruptWait() }
        return isInTime
    }

    func interrupt(_ interruption: OperationRun.Interruption, grace: Duration) {
        state.withLock { $0.run }?.interrupt(interruption, grace: grace)
    }

    func acknowledge() { for receipt in takeReceipts() { receipt.acknowledge() } }
    func release() { for receipt in takeReceipts() { receipt.release() } }

    private func takeReceipts() -> [any DeliveryReceipt] {
        state.withLock { state in
            defer { state.receipts = [] }
            return state.receipts
        }
    }
}
