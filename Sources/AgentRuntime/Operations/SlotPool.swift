internal import DequeModule
internal import Synchronization

/// The bound on how many operations run at once. Waiters are served in the order in which they came.
final class SlotPool: Sendable {
    private struct State {
        var free: Int
        var waiting = Deque<Waiting>()
        var isClosed = false
        /// Whether somebody runs who must be alone.
        var isAlone = false
    }

    private struct Waiting {
        let ticket: SlotTicket
        let alone: Bool
    }

    private let state: Mutex<State>
    let size: Int

    init(size: Int) {
        self.size = size
        state = Mutex(State(free: size))
    }

    /// Waits for a slot.
    ///
    /// - Parameter alone: waits until all slots are free, and keeps everybody else waiting until its own is given back.
    /// - Returns: true with a slot, which must be given back by `release()`; false when the ticket was withdrawn or the pool closed first.
    func acquire(_ ticket: SlotTicket, alone: Bool = false) async -> Bool {
        let immediate: Bool? = state.withLock { state in
            if state.isClosed { return false }
            state.waiting.append(Waiting(ticket: ticket, alone: alone))
            grant(&state)
            return ticket.isDecided
        }
        if let immediate { return immediate }
        return await ticket.decision()
    }

    func release() {
        state.withLock { state in
            state.free += 1
            state.isAlone = false
            grant(&state)
        }
    }

    /// Serves those who wait, in their order, as far as there is room.
    private func grant(_ state: inout State) {
        while state.free > 0, !state.isAlone, let next = state.waiting.first {
            if next.alone, state.free < size, !next.ticket.isWithdrawn { return }
            state.waiting.removeFirst()
            guard next.ticket.decide(granted: true) else { continue }
            state.free -= 1
            state.isAlone = next.alone
        }
    }

    /// Refuses everyone who waits now or comes later.
    func close() {
        let refused = state.withLock { state in
            state.isClosed = true
            defer { state.waiting.removeAll() }
            return state.waiting
        }
        for waiting in refused { _ = waiting.ticket.decide(granted: false) }
    }

    var busy: Int { state.withLock { size - $0.free } }
}
