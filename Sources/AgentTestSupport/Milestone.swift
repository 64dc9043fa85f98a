import Synchronization

/// Counts, and lets a test wait for a count.
public final class Milestone: Sendable {
    private struct State {
        var count = 0
        var waiting: [(Int, CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    /// Begins with none.
    public init() {}

    /// The count.
    public var count: Int { state.withLock { $0.count } }

    /// Moves the count.
    public func change(by step: Int = 1) {
        let reached = state.withLock { state in
            state.count += step
            let count = state.count
            defer { state.waiting.removeAll { $0.0 <= count } }
            return state.waiting.filter { $0.0 <= count }.map { $0.1 }
        }
        for continuation in reached { continuation.resume() }
    }

    /// Waits until the count is reached.
    public func reach(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.count >= count { return true }
                state.waiting.append((count, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }
}
