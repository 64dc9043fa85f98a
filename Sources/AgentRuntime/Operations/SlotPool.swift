internal import AgentExecutors
internal import DequeModule
internal import Synchronization

/// The bound on how many operations run at once. Waiters are served in the order in which they came.
///
/// One who is to run alone waits for all others to end, and nobody is served meanwhile: at most for `patience`, counted from
/// the first slot that is kept free for him. Then he runs beside those who still have not ended. While he runs nobody else is
/// served, until his slot is given back or he is answered for.
final class SlotPool: Sendable {
    /// Somebody who is to run alone.
    struct Loner: Sendable {
        let ticket: SlotTicket
        /// Nil while he still waits for a slot as everybody does, or runs.
        var runsAt: MonotonicInstant?
        var isRunning: Bool
    }

    private struct State {
        var free: Int
        var waiting = Deque<Waiting>()
        /// With so many in the line it is looked who of them has left it.
        var compactsAt = SlotPool.shortLine
        var isFrozen = false
        var isClosed = false
        /// Who runs and must be alone.
        var alone: SlotTicket?
    }

    private struct Waiting {
        let ticket: SlotTicket
        let alone: Bool
        /// When he runs at the latest, once slots are kept free for him.
        var runsAt: MonotonicInstant?
        var mayRunBeside = false
    }

    private static let shortLine = 64

    private let state: Mutex<State>
    private let patience: Duration
    private let timers: TimerThread
    let size: Int

    /// - Parameter patience: how long slots are kept free for one who is to run alone.
    init(size: Int, patience: Duration, timers: TimerThread) {
        self.size = size
        self.patience = patience
        self.timers = timers
        state = Mutex(State(free: size))
    }

    /// Waits for a slot.
    ///
    /// - Parameter alone: see the type.
    /// - Returns: true with a slot, which must be given back by `release()`; false when the ticket was withdrawn or the pool closed first.
    func acquire(_ ticket: SlotTicket, alone: Bool = false) async -> Bool {
        let (immediate, loner): (Bool?, SlotTicket?) = state.withLock { state in
            if state.isClosed { return (false, nil) }
            state.waiting.append(Waiting(ticket: ticket, alone: alone))
            if state.waiting.count >= state.compactsAt { compact(&state) }
            let loner = grant(&state)
            return (ticket.isDecided, loner)
        }
        watch(loner)
        if let immediate { return immediate }
        return await ticket.decision()
    }

    /// Gives a slot back.
    func release(_ ticket: SlotTicket) {
        let loner = state.withLock { state in
            state.free += 1
            if state.alone === ticket { state.alone = nil }
            return grant(&state)
        }
        watch(loner)
    }

    /// Who ran alone has been answered for: he keeps his slot for as long as he needs it, and keeps nobody waiting.
    func endSolitude(_ ticket: SlotTicket) {
        let loner: SlotTicket? = state.withLock { state in
            guard state.alone === ticket else { return nil }
            state.alone = nil
            return grant(&state)
        }
        watch(loner)
    }

    /// A ticket was withdrawn: those behind it need not wait for it.
    func lookAgain() {
        let loner = state.withLock { state in grant(&state) }
        watch(loner)
    }

    /// Drops those who were withdrawn; behind others who wait for long they would only gather. Not at every withdrawal: many come together.
    private func compact(_ state: inout State) {
        state.waiting.removeAll { $0.ticket.isWithdrawn }
        state.compactsAt = max(Self.shortLine, state.waiting.count * 2)
    }

    /// Serves those who wait, in their order, as far as there is room.
    ///
    /// - Returns: the one for whom slots are kept free from now on.
    private func grant(_ state: inout State) -> SlotTicket? {
        while state.free > 0, !state.isFrozen, state.alone == nil, let next = state.waiting.first {
            if next.alone, !next.mayRunBeside, state.free < size, !next.ticket.isWithdrawn {
                guard next.runsAt == nil else { return nil }
                state.waiting[state.waiting.startIndex].runsAt = .now.advanced(by: patience)
                return next.ticket
            }
            state.waiting.removeFirst()
            guard next.ticket.decide(granted: true) else { continue }
            state.free -= 1
            if next.alone { state.alone = next.ticket }
        }
        return nil
    }

    private func watch(_ loner: SlotTicket?) {
        guard let loner else { return }
        _ = timers.schedule(after: patience) { [weak self] in self?.losePatience(loner) }
    }

    private func losePatience(_ loner: SlotTicket) {
        let next: SlotTicket? = state.withLock { state in
            guard let first = state.waiting.first, first.ticket === loner else { return nil }
            state.waiting[state.waiting.startIndex].mayRunBeside = true
            return grant(&state)
        }
        watch(next)
    }

    /// Serves nobody any more; those who wait do so until `close()`.
    func freeze() { state.withLock { $0.isFrozen = true } }

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

    /// How many stand in the line.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Who keeps others waiting because he is to run alone, or waits for that; nil when nobody does.
    var loner: Loner? {
        state.withLock { state in
            if let ticket = state.alone { return Loner(ticket: ticket, runsAt: nil, isRunning: true) }
            guard let waiting = state.waiting.first(where: { $0.alone && !$0.ticket.isWithdrawn }) else { return nil }
            return Loner(ticket: waiting.ticket, runsAt: waiting.runsAt, isRunning: false)
        }
    }
}
