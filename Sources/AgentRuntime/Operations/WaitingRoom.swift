internal import Synchronization

/// How many waiting tasks the journal holds, and whether intake is closed because it holds no more.
final class WaitingRoom: Sendable {
    enum Admission: Sendable, Hashable {
        case entered
        /// `isNew` for the first one that is refused: intake has to be closed.
        case full(isNew: Bool)
    }

    private struct State {
        var count = 0
        var isClosed = false
    }

    private let size: Int
    private let state = Mutex(State())

    init(size: Int) { self.size = size }

    func enter() -> Admission {
        state.withLock { state in
            guard state.count >= size else {
                state.count += 1
                return .entered
            }
            defer { state.isClosed = true }
            return .full(isNew: !state.isClosed)
        }
    }

    /// - Returns: whether intake has to be opened again.
    func leave() -> Bool {
        state.withLock { state in
            state.count -= 1
            // Half a room, so that intake is not closed again by the next task.
            guard state.isClosed, state.count <= size / 2 else { return false }
            state.isClosed = false
            return true
        }
    }
}
