internal import AgentExecutors
internal import AgentProtocol
internal import DequeModule
internal import Synchronization

/// What the board does not show: attempts that have ended, and operations that run on after they were answered for.
final class TaskActivity: Sendable {
    /// So many outcomes are remembered, so that a busy agent's memory does not grow.
    static let recentLimit = 100

    private struct State {
        var recent = Deque<RecentOutcome>()
        var ended: [OutcomeKind: Int] = [:]
        var stuck: [ObjectIdentifier: ActiveTask] = [:]
    }

    private let state = Mutex(State())

    func ended(_ task: ActiveTask, as kind: OutcomeKind) {
        let now = MonotonicInstant.now
        let outcome = RecentOutcome(
            taskID: task.key.taskID, retryNumber: task.key.retryNumber, operation: task.envelope.taskName,
            executionID: task.envelope.executionID, kind: kind, ended: now,
            duration: task.began.map { now.duration(since: $0) })
        state.withLock { state in
            state.ended[kind, default: 0] += 1
            if state.recent.count == Self.recentLimit { state.recent.removeFirst() }
            state.recent.append(outcome)
        }
    }

    /// The task was answered for while its operation still ran.
    func abandoned(_ task: ActiveTask) {
        // An operation that ends meanwhile says so only after its run counts as ended, so it is either not put in or taken out again.
        state.withLock { state in
            if task.isStuck { state.stuck[ObjectIdentifier(task)] = task }
        }
    }

    /// The task's operation has really ended.
    func left(_ task: ActiveTask) {
        state.withLock { state in
            guard !state.stuck.isEmpty else { return }
            state.stuck[ObjectIdentifier(task)] = nil
        }
    }

    func report(into status: inout RuntimeStatus) -> [ActiveTask] {
        let (recent, ended, stuck) = state.withLock { ($0.recent, $0.ended, Array($0.stuck.values)) }
        status.recent = recent.reversed()
        status.ended = ended
        return stuck
    }
}
