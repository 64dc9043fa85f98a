internal import Synchronization

/// How many waiting tasks the journal holds.
final class WaitingRoom: Sendable {
    private struct State {
        var count = 0
        var isFull = false
    }

    let size: Int
    private let state = Mutex(State())

    init(size: Int) { self.size = size }

    var count: Int { state.withLock { $0.count } }

    /// Whether somebody was sent away, and not enough have left since.
    var isFull: Bool { state.withLock { $0.isFull } }

    /// - Returns: false when the room is full.
    func enter() -> Bool {
        state.withLock { state in
            guard state.count < size else {
                state.isFull = true
                return false
            }
            state.count += 1
            return true
        }
    }

    /// Somebody has a place already, however full it is.
    func adopt() { state.withLock { $0.count += 1 } }

    /// - Returns: whether a room that was full has room again: half of it, so that it is not full again with the next task.
    func leave() -> Bool {
        state.withLock { state in
            state.count -= 1
            guard state.isFull, state.count <= size / 2 else { return false }
            state.isFull = false
            return true
        }
    }
}
