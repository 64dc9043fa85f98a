internal import Synchronization

/// Something that happens once, and whoever wants to hear of it.
package final class Signal: Sendable {
    private struct State {
        var isSet = false
        var listeners: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    package init() {}

    package var isSet: Bool { state.withLock { $0.isSet } }

    /// Tells all listeners; no effect the second time.
    package func set() {
        let listeners = state.withLock { state in
            state.isSet = true
            defer { state.listeners = [] }
            return state.listeners
        }
        for listener in listeners { listener() }
    }

    /// Calls `listener` when the signal is set; at once when it is set already.
    package func onSet(_ listener: @escaping @Sendable () -> Void) {
        let isSet = state.withLock { state in
            if !state.isSet { state.listeners.append(listener) }
            return state.isSet
        }
        if isSet { listener() }
    }

    /// Returns when the signal is set.
    package func wait() async {
        await withCheckedContinuation { continuation in
            onSet { continuation.resume() }
        }
    }
}
