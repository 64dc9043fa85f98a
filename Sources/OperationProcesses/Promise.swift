internal import AgentExecutors
internal import Synchronization

/// A value that comes once. Whoever asks before waits for it; what comes later is ignored.
package final class Promise<Value: Sendable>: Sendable {
    private enum State {
        case open([@Sendable (Value) -> Void])
        case kept(Value)
    }

    private let state = Mutex(State.open([]))

    package init() {}

    package func keep(_ value: Value) {
        let waiting = state.withLock { state -> [@Sendable (Value) -> Void] in
            guard case .open(let waiting) = state else { return [] }
            state = .kept(value)
            return waiting
        }
        for action in waiting { action(value) }
    }

    /// Waits for it, in a cancelled task too.
    package func value() async -> Value {
        await withCheckedContinuation { continuation in
            whenKept { continuation.resume(returning: $0) }
        }
    }

    /// Waits for it no longer than that; nil when it has not come by then.
    package func value(atMost limit: Duration) async -> Value? {
        let result = Promise<Value?>()
        let timer = ProcessThreads.timers.schedule(after: limit) { result.keep(nil) }
        whenKept { result.keep($0) }
        defer { ProcessThreads.timers.cancel(timer) }
        return await result.value()
    }

    private func whenKept(_ action: @escaping @Sendable (Value) -> Void) {
        let value = state.withLock { state -> Value? in
            switch state {
            case .kept(let value): return value
            case .open(let waiting):
                state = .open(waiting + [action])
                return nil
            }
        }
        if let value { action(value) }
    }
}
