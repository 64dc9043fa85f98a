import AgentRuntime
import Synchronization

/// A message's fate: acknowledged, or handed back to the broker.
final class Delivery: DeliveryReceipt {
    enum Fate: Sendable { case acknowledged, released }

    private struct State {
        var fate: Fate?
        var waiting: [CheckedContinuation<Fate, Never>] = []
    }

    private let state = Mutex(State())

    func acknowledge() { end(.acknowledged) }
    func release() { end(.released) }

    func settled() async -> Fate {
        await withCheckedContinuation { continuation in
            let fate: Fate? = state.withLock { state in
                if state.fate == nil { state.waiting.append(continuation) }
                return state.fate
            }
            if let fate { continuation.resume(returning: fate) }
        }
    }

    private func end(_ fate: Fate) {
        let waiting = state.withLock { state -> [CheckedContinuation<Fate, Never>] in
            guard state.fate == nil else { return [] }
            state.fate = fate
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: fate) }
    }
}
