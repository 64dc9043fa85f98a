import AgentRuntime
import Synchronization

/// Tells what became of a delivery.
final class RecordingReceipt: DeliveryReceipt {
    enum Fate: Sendable, Hashable {
        case open
        case acknowledged
        case released
    }

    private struct State {
        var fate = Fate.open
        var waiting: [CheckedContinuation<Fate, Never>] = []
    }

    private let state = Mutex(State())

    var fate: Fate { state.withLock { $0.fate } }

    func acknowledge() { end(.acknowledged) }
    func release() { end(.released) }

    /// Waits until the broker could forget the message or hand it out again.
    func settled() async -> Fate {
        await withCheckedContinuation { continuation in
            let fate: Fate = state.withLock { state in
                if state.fate == .open { state.waiting.append(continuation) }
                return state.fate
            }
            if fate != .open { continuation.resume(returning: fate) }
        }
    }

    private func end(_ fate: Fate) {
        let waiting = state.withLock { state in
            guard state.fate == .open else { return [CheckedContinuation<Fate, Never>]() }
            state.fate = fate
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: fate) }
    }
}
