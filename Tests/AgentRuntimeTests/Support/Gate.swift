import Synchronization

/// Holds operations until a test lets them go, and tells the test how many have arrived.
final class Gate: Sendable {
    private struct State {
        var arrived = 0
        var isOpen = false
        var held: [CheckedContinuation<Void, Never>] = []
        var watchers: [(Int, CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var arrivals: Int { state.withLock { $0.arrived } }

    var isOpen: Bool { state.withLock { $0.isOpen } }

    /// To be called by the operation: waits for `open()`.
    func pass() async {
        let watchers = state.withLock { state in
            state.arrived += 1
            let count = state.arrived
            defer { state.watchers.removeAll { $0.0 <= count } }
            return state.watchers.filter { $0.0 <= count }.map { $0.1 }
        }
        for watcher in watchers { watcher.resume() }
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.held.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let held = state.withLock { state in
            state.isOpen = true
            defer { state.held = [] }
            return state.held
        }
        for continuation in held { continuation.resume() }
    }

    /// Waits until so many operations have arrived.
    func arrival(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.arrived >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }
}
