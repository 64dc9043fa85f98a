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
        var isCancelled = false
        var run: OperationRun?
        var receipts: [any DeliveryReceipt]
    }

    let key: TaskKey
    let envelope: TaskEnvelope
    let replyTo: String?
    let correlationID: String?
    let answersCancellation: Bool
    let ticket = SlotTicket()
    private let state: Mutex<State>

    init(key: TaskKey, envelope: TaskEnvelope, message: IncomingMessage) {
        self.key = key
        self.envelope = envelope
        replyTo = message.answerAddress
        correlationID = message.correlationID
        answersCancellation = message.answersCancellation
        state = Mutex(State(receipts: [message.receipt]))
    }

    var phase: Phase { state.withLock { $0.phase } }
    var isCancelled: Bool { state.withLock { $0.isCancelled } }
    var isStuck: Bool { state.withLock { $0.run?.isStuck ?? false } }

    /// Adds a copy of the same message, to be acknowledged together with the original: after a reconnect the copy is the only one that the broker owns.
    func join(_ receipt: any DeliveryReceipt) {
        state.withLock { $0.receipts.append(receipt) }
    }

    /// - Returns: false when the task was cancelled before it could start.
    func begin(_ run: OperationRun) -> Bool {
        state.withLock { state in
            guard !state.isCancelled else { return false }
            state.phase = .running
            state.run = run
            return true
        }
    }

    func beginSettling() { state.withLock { $0.phase = .settling } }

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
