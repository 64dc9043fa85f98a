import AgentRuntime
import Synchronization

final class RecordingArchive: MessageArchive {
    private struct State {
        var rejected: [[UInt8]] = []
        var undeliverable: [OutgoingReply] = []
    }

    private let state = Mutex(State())

    var rejected: [[UInt8]] { state.withLock { $0.rejected } }
    var undeliverable: [OutgoingReply] { state.withLock { $0.undeliverable } }

    func keepRejected(_ bytes: [UInt8], size: UInt64, reason: String) async {
        state.withLock { $0.rejected.append(bytes) }
    }

    func keepUndeliverable(_ reply: OutgoingReply) async -> @Sendable () async -> Void {
        state.withLock { $0.undeliverable.append(reply) }
        return { [self] in state.withLock { $0.undeliverable.removeAll { $0 == reply } } }
    }
}
