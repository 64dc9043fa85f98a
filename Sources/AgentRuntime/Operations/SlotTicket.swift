internal import Synchronization

/// One task's place in the queue for a slot. It is decided once: granted by the pool, or withdrawn.
final class SlotTicket: Sendable {
    private enum State {
        case undecided
        case waiting(CheckedContinuation<Bool, Never>)
        case decided(Bool)
    }

    private let state = Mutex(State.undecided)

    /// Gives the place up; no effect once a slot was granted.
    func withdraw() { _ = decide(granted: false) }

    /// Whether a slot was granted; false when it was refused, nil when that is open.
    var isDecided: Bool? {
        state.withLock { state in
            if case .decided(let granted) = state { return granted }
            return nil
        }
    }

    var isWithdrawn: Bool { isDecided == false }

    /// - Returns: false when it had been decided before.
    func decide(granted: Bool) -> Bool {
        let (isFirst, continuation): (Bool, CheckedContinuation<Bool, Never>?) = state.withLock { state in
            switch state {
            case .undecided:
                state = .decided(granted)
                return (true, nil)
            case .waiting(let continuation):
                state = .decided(granted)
                return (true, continuation)
            case .decided:
                return (false, nil)
            }
        }
        continuation?.resume(returning: granted)
        return isFirst
    }

    func decision() async -> Bool {
        await withCheckedContinuation { continuation in
            let decided: Bool? = state.withLock { state in
                if case .decided(let granted) = state { return granted }
                state = .waiting(continuation)
                return nil
            }
            if let decided { continuation.resume(returning: decided) }
        }
    }
}
