import AgentRuntime
import Synchronization

final class RecordingArchive: MessageArchive {
    private struct State {
        var rejected: [[UInt8]] = []
        var kept: [(id: String, reply: UndeliverableReply)] = []
        var count = 0
    }

    private let state = Mutex(State())

    var rejected: [[UInt8]] { state.withLock { $0.rejected } }
    /// How many undeliverable replies were ever kept.
    var keptCount: Int { state.withLock { $0.count } }
    var undeliverable: [UndeliverableReply] { state.withLock { $0.kept.map(\.reply) } }

    func keepRejected(_ bytes: [UInt8], size: UInt64, reason: String) async {
        state.withLock { $0.rejected.append(bytes) }
    }

    func keepUndeliverable(_ reply: UndeliverableReply) async -> String? {
        state.withLock { state in
            state.count += 1
            state.kept.append(("u\(state.count)", reply))
            return "u\(state.count)"
        }
    }

    func removeUndeliverable(_ id: String) async {
        state.withLock { $0.kept.removeAll { $0.id == id } }
    }

    func undelivered(after id: String?, limit: Int) async -> [KeptReply] {
        state.withLock { state in
            let last = id.flatMap { Int($0.dropFirst()) } ?? 0
            return state.kept.filter { $0.reply.reason == .unroutable && Int($0.id.dropFirst()) ?? 0 > last }
                .prefix(limit).map {
                    KeptReply(id: $0.id, reply: $0.reply.reply)
                }
        }
    }
}
