import AgentRuntime
import Operative
import Synchronization

/// Takes what the runtime settles; answers as the test says.
final class RecordingSink: TaskSink, TelemetrySink {
    enum Entry: Sendable, Hashable {
        case reply(OutgoingReply)
        case park(ParkedAttempt)
        case record(TelemetryRecord)
    }

    private struct State {
        var entries: [Entry] = []
        var results: [SettlementResult] = []
        var heldRecords: [@Sendable (TelemetryDelivery) -> Void] = []
        var holdsRecords = false
        var waiters: [(Int, CheckedContinuation<Void, Never>)] = []
        var isAbandoned = false
        var holdsReplies = false
        var heldReplies: [CheckedContinuation<Void, Never>] = []
        var heldAnswers: [CheckedContinuation<Void, Never>] = []
        var holdsAnswers = false

        var settled: Int { entries.count { if case .record = $0 { false } else { true } } }
    }

    private let state = Mutex(State())
    let canPark: Bool
    /// Reported as the bytes that wait for the broker.
    private let reportedBytes = Atomic<Int>(0)
    var pendingBytes: Int { reportedBytes.load(ordering: .relaxed) }
    func reportPending(bytes: Int) { reportedBytes.store(bytes, ordering: .relaxed) }

    init(canPark: Bool = true) { self.canPark = canPark }

    /// The next settlements end like this, in turn; all others are confirmed.
    func answer(_ results: SettlementResult...) { answer(results) }
    func answer(_ results: [SettlementResult]) { state.withLock { $0.results = results } }

    /// Keeps records unconfirmed until `releaseRecords()`.
    func holdRecords() { state.withLock { $0.holdsRecords = true } }

    func releaseRecords() {
        let held = state.withLock { state in
            state.holdsRecords = false
            defer { state.heldRecords = [] }
            return state.heldRecords
        }
        for completion in held { completion(.arrived) }
    }

    var entries: [Entry] { state.withLock { $0.entries } }
    var replies: [OutgoingReply] { entries.compactMap { if case .reply(let reply) = $0 { reply } else { nil } } }
    var parked: [ParkedAttempt] { entries.compactMap { if case .park(let attempt) = $0 { attempt } else { nil } } }
    var records: [TelemetryRecord] { entries.compactMap { if case .record(let record) = $0 { record } else { nil } } }
    var events: [String] {
        records.filter { $0.kind == .event }.compactMap { try? PropertyValue(json: $0.body)["event_type"]?.stringValue }
    }

    /// Waits until so many replies and parked attempts have come.
    func settlements(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.settled >= count { return true }
                state.waiters.append((count, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }

    /// Answers no reply until `abandon()`, as a broker that is away.
    func holdReplies() { state.withLock { $0.holdsReplies = true } }

    func reply(_ reply: OutgoingReply) async -> SettlementResult {
        await withCheckedContinuation { continuation in
            let isHeld = state.withLock { state in
                guard state.holdsReplies, !state.isAbandoned else { return false }
                state.heldReplies.append(continuation)
                return true
            }
            if !isHeld { continuation.resume() }
        }
        return settle(.reply(reply))
    }

    func park(_ attempt: ParkedAttempt) async -> SettlementResult { settle(.park(attempt)) }

    func answer(_ reply: OutgoingReply, usefulFor usefulness: Duration) async {
        await withCheckedContinuation { continuation in
            let isHeld = state.withLock { state in
                if state.holdsAnswers { state.heldAnswers.append(continuation) }
                return state.holdsAnswers
            }
            if !isHeld { continuation.resume() }
        }
        _ = settle(.reply(reply))
    }

    /// Sends no answer until `releaseAnswers()`, as a broker that takes no messages.
    func holdAnswers() { state.withLock { $0.holdsAnswers = true } }

    func releaseAnswers() {
        let held = state.withLock { state in
            state.holdsAnswers = false
            defer { state.heldAnswers = [] }
            return state.heldAnswers
        }
        for continuation in held { continuation.resume() }
    }

    func abandon() {
        let held = state.withLock { state in
            state.isAbandoned = true
            defer { state.heldReplies = [] }
            return state.heldReplies
        }
        for continuation in held { continuation.resume() }
    }

    func send(_ record: TelemetryRecord, completion: @escaping @Sendable (TelemetryDelivery) -> Void) {
        let isHeld = state.withLock { state in
            state.entries.append(.record(record))
            if state.holdsRecords { state.heldRecords.append(completion) }
            return state.holdsRecords
        }
        if !isHeld { completion(.arrived) }
    }

    private func settle(_ entry: Entry) -> SettlementResult {
        let (result, ready): (SettlementResult, [CheckedContinuation<Void, Never>]) = state.withLock { state in
            guard !state.isAbandoned else { return (.stopped, []) }
            state.entries.append(entry)
            let count = state.settled
            let ready = state.waiters.filter { $0.0 <= count }.map { $0.1 }
            state.waiters.removeAll { $0.0 <= count }
            return (state.results.isEmpty ? .confirmed : state.results.removeFirst(), ready)
        }
        for continuation in ready { continuation.resume() }
        return result
    }
}
