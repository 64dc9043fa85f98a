internal import Synchronization

/// Counts what is going on, for whoever waits for the end of it.
final class IdleCount: Sendable {
    private struct State {
        var count = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var isZero: Bool { state.withLock { $0.count == 0 } }

    func enter() { state.withLock { $0.count += 1 } }

    func leave() {
        let waiting = state.withLock { state in
            state.count -= 1
            guard state.count == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func untilZero() async {
        await withCheckedContinuation { continuation in
            let isZero = state.withLock { state in
                if state.count > 0 { state.waiting.append(continuation) }
                return state.count == 0
            }
            if isZero { continuation.resume() }
        }
    }
}
