internal import Synchronization

/// What a run waits for, in the order in which it came.
final class ProcessEvents: Sendable {
    enum Event: Sendable {
        case readable(ProcessSource)
        /// A pause is over.
        case tick
        /// The launcher does not answer.
        case overdue
    }

    private struct State {
        var events: [Event] = []
        var waiter: CheckedContinuation<Event, Never>?
    }

    private let state = Mutex(State())

    func post(_ event: Event) {
        let waiter = state.withLock { state -> CheckedContinuation<Event, Never>? in
            guard let waiter = state.waiter.take() else {
                state.events.append(event)
                return nil
            }
            return waiter
        }
        waiter?.resume(returning: event)
    }

    /// For one caller at a time.
    func next() async -> Event {
        await withCheckedContinuation { continuation in
            let event = state.withLock { state -> Event? in
                if state.events.isEmpty {
                    state.waiter = continuation
                    return nil
                }
                return state.events.removeFirst()
            }
            if let event { continuation.resume(returning: event) }
        }
    }
}
