import AgentRuntime
import Synchronization

/// Takes records and answers when and how the test says.
final class ScriptedTelemetrySink: TelemetrySink {
    struct Sent: Sendable {
        let record: TelemetryRecord
        let completion: @Sendable (TelemetryDelivery) -> Void
    }

    private struct State {
        var arrived: [TelemetryRecord] = []
        var held: [Sent] = []
        var answersAtOnce = true
        var waiters: [(Int, CheckedContinuation<Void, Never>)] = []
        var heldWaiters: [(Int, CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())
    private let reported = Atomic<Int>(0)
    var pendingBytes: Int { reported.load(ordering: .relaxed) }
    func reportPending(bytes: Int) { reported.store(bytes, ordering: .relaxed) }

    /// What was confirmed, in the order of confirming.
    var arrived: [TelemetryRecord] { state.withLock { $0.arrived } }
    var heldCount: Int { state.withLock { $0.held.count } }

    func hold() { state.withLock { $0.answersAtOnce = false } }

    /// Confirms what is held, and from now on everything at once.
    func release() {
        while let sent = state.withLock({ state in
            state.answersAtOnce = state.held.isEmpty
            return state.held.isEmpty ? nil : state.held.removeFirst()
        }) { confirm(sent) }
    }

    /// Answers one held record.
    func answer(_ index: Int, _ delivery: TelemetryDelivery) {
        let sent = state.withLock { $0.held.remove(at: index) }
        if delivery == .arrived { confirm(sent) } else { sent.completion(delivery) }
    }

    func send(_ record: TelemetryRecord, completion: @escaping @Sendable (TelemetryDelivery) -> Void) {
        let sent = Sent(record: record, completion: completion)
        let (atOnce, ready) = state.withLock { state in
            if state.answersAtOnce { return (true, [CheckedContinuation<Void, Never>]()) }
            state.held.append(sent)
            let count = state.held.count
            defer { state.heldWaiters.removeAll { $0.0 <= count } }
            return (false, state.heldWaiters.filter { $0.0 <= count }.map(\.1))
        }
        for continuation in ready { continuation.resume() }
        if atOnce { confirm(sent) }
    }

    private func confirm(_ sent: Sent) {
        let ready = state.withLock { state in
            state.arrived.append(sent.record)
            let count = state.arrived.count
            defer { state.waiters.removeAll { $0.0 <= count } }
            return state.waiters.filter { $0.0 <= count }.map(\.1)
        }
        sent.completion(.arrived)
        for continuation in ready { continuation.resume() }
    }

    /// Waits until so many records have been confirmed.
    func arrivals(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.arrived.count >= count { return true }
                state.waiters.append((count, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }

    /// Waits until so many records are held at the same time.
    func holding(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.held.count >= count { return true }
                state.heldWaiters.append((count, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }
}
