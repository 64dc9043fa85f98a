internal import AgentExecutors
internal import DequeModule
internal import Synchronization

/// Names tasks that a broker still waits for after a while. Costs next to nothing for those that are done by then.
final class Watchlist: Sendable {
    private struct Watched {
        let task: ActiveTask
        let since: MonotonicInstant
    }

    private struct State {
        var tasks = Deque<Watched>()
        var isScheduled = false
    }

    private let patience: Duration
    private let timers: TimerThread
    private let onDue: @Sendable ([ActiveTask]) -> Void
    private let state = Mutex(State())

    /// - Parameter onDue: called on the timer's thread with tasks that have been watched for `patience`; it must not block.
    init(patience: Duration, timers: TimerThread, onDue: @escaping @Sendable ([ActiveTask]) -> Void) {
        self.patience = patience
        self.timers = timers
        self.onDue = onDue
    }

    func watch(_ task: ActiveTask) {
        let mustSchedule = state.withLock { state in
            // Those in front are mostly done by now, and need not be held on to.
            while let first = state.tasks.first, !first.task.isOwnedByBroker { state.tasks.removeFirst() }
            state.tasks.append(Watched(task: task, since: .now))
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if mustSchedule { schedule(after: patience) }
    }

    private func schedule(after delay: Duration) {
        _ = timers.schedule(after: delay) { [self] in look() }
    }

    private func look() {
        let now = MonotonicInstant.now
        var due: [ActiveTask] = []
        let next: Duration? = state.withLock { state in
            while let first = state.tasks.first {
                if first.task.isOwnedByBroker {
                    let waited = now.duration(since: first.since)
                    guard waited >= patience else { return patience - waited }
                    due.append(first.task)
                }
                state.tasks.removeFirst()
            }
            state.isScheduled = false
            return nil
        }
        if let next { schedule(after: next) }
        if !due.isEmpty { onDue(due) }
    }
}
