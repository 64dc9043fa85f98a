internal import DequeModule
internal import Synchronization

/// The bound on how many operations run at once. Waiters are served in the order in which they came.
final class SlotPool: Sendable {
    private struct State {
        var free: Int
        var waiting = Deque<SlotTicket>()
        var isClosed = false
    }

    private let state: Mutex<State>
    let size: Int

    init(size: Int) {
        self.size = size
        state = Mutex(State(free: size))
    }

    /// Waits for a slot.
    ///
    /// - Returns: true with a slot, which must be given back by `release()`; false when the ticket was withdrawn or the pool closed first.
    func acquire(_ ticket: SlotTicket) async -> Bool {
        let immediate: Bool? = state.withLock { state in
            if state.isClosed { return false }
            if state.free > 0, ticket.decide(granted: true) {
                state.free -= 1
                return true
            }
            state.waiting.append(ticket)
            return nil
        }
        if let immediate { return immediate }
        return await ticket.decision()
    }

    func release() {
        state.withLock { state in
            while let ticket = state.waiting.popFirst() {
                if ticket.decide(granted: true) { return }
            }
            state.free += 1
        }
    }

    /// Refuses everyone who waits now or comes later.
    func close() {
        let refused = state.withLock { state in
            state.isClosed = true
            defer { state.waiting.removeAll() }
            return state.waiting
        }
        for ticket in refused { _ = ticket.decide(granted: false) }
    }

    var busy: Int { state.withLock { size - $0.free } }
}
