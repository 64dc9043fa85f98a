import AgentRuntime
import Operative
import Synchronization

/// Hands over tasks and takes what becomes of them.
final class ManagedPorts: TaskSource, TaskSink, TelemetrySink, MessageArchive {
    private struct State {
        var isStopped = false
        var waiting: [IncomingMessage] = []
        var reader: CheckedContinuation<[IncomingMessage]?, Never>?
        var replies: [OutgoingReply] = []
    }

    private let state = Mutex(State())
    let canPark = false
    let pendingBytes = 0

    var replies: [OutgoingReply] { state.withLock { $0.replies } }

    func offer(_ message: IncomingMessage) {
        let reader: CheckedContinuation<[IncomingMessage]?, Never>? = state.withLock { state in
            guard let reader = state.reader else {
                state.waiting.append(message)
                return nil
            }
            state.reader = nil
            return reader
        }
        reader?.resume(returning: [message])
    }

    func next() async -> [IncomingMessage]? {
        await withCheckedContinuation { continuation in
            let ready: [IncomingMessage]?? = state.withLock { state in
                if !state.waiting.isEmpty {
                    defer { state.waiting = [] }
                    return .some(state.waiting)
                }
                if state.isStopped { return .some(nil) }
                state.reader = continuation
                return nil
            }
            if let ready { continuation.resume(returning: ready) }
        }
    }

    func pause() async {}
    func resume() {}

    func stop() async {
        let reader = state.withLock { state in
            state.isStopped = true
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(returning: nil)
    }

    func reply(_ reply: OutgoingReply) async -> SettlementResult {
        state.withLock { $0.replies.append(reply) }
        return .confirmed
    }

    func answer(_ reply: OutgoingReply, usefulFor usefulness: Duration) async {
        state.withLock { $0.replies.append(reply) }
    }

    func park(_ attempt: ParkedAttempt) async -> SettlementResult { .refused }
    func abandon() {}

    func send(_ record: TelemetryRecord, completion: @escaping @Sendable (TelemetryDelivery) -> Void) {
        completion(.arrived)
    }

    func keepRejected(_ bytes: [UInt8], size: UInt64, reason: String) async {}
    func keepUndeliverable(_ reply: UndeliverableReply) async -> String? { nil }
    func removeUndeliverable(_ id: String) async {}
    func undelivered(after id: String?, limit: Int) async -> [KeptReply] { [] }
    func isDrained() async -> Bool { true }
}
