package import AgentExecutors
package import Operative
internal import Synchronization

/// One run of one operation, from its first instruction until it has really ended.
///
/// Its result is decided once, by whichever comes first: the operation's own end, or the end of the grace that follows a timeout or a cancellation.
/// The operation may run on after that; its slot is given back only when it has ended.
package final class OperationRun: Sendable {
    package enum Interruption: Sendable, Hashable {
        /// Its execution was cancelled.
        case cancelled
        /// Its time was up.
        case timedOut
        /// The agent is stopping.
        case agentStopping
    }

    package struct Result: Sendable {
        /// Nil when the operation had not ended by the end of the grace.
        package var outcome: OperationOutcome?
        /// What ended the wait for it; nil when it ended by itself and undisturbed.
        package var interruption: Interruption?
    }

    private struct State {
        var task: Task<Void, Never>?
        var interruption: Interruption?
        var graceTimer: TimerThread.Token?
        var result: Result?
        var waiter: CheckedContinuation<Result, Never>?
        var hasEnded = false
    }

    private let state = Mutex(State())
    private let timers: TimerThread
    private let cancellers: ThreadPool
    private let leastGrace: Duration

    /// - Parameters:
    ///   - cancellers: where cancellation handlers run: they are the plugin's code and may block.
    ///   - leastGrace: how long the operation's end is waited for at the least.
    package init(timers: TimerThread, cancellers: ThreadPool, leastGrace: Duration = .zero) {
        self.timers = timers
        self.leastGrace = leastGrace
        self.cancellers = cancellers
    }

    /// Starts the operation on `executor`. `onEnd` is called once, when it has really ended.
    package func start(
        on executor: any TaskExecutor, _ body: @escaping @Sendable () async -> OperationOutcome,
        onEnd: @escaping @Sendable () -> Void
    ) {
        // Detached: an operation inherits nothing of the agent's, and copying task-local values costs as much as the task.
        let task = Task.detached(executorPreference: executor) {
            let outcome = await body()
            self.end(with: outcome)
            onEnd()
        }
        let isInterrupted = state.withLock { state in
            state.task = task
            return state.interruption != nil
        }
        if isInterrupted { cancel(task) }
    }

    /// Waits for the result. To be called once.
    package func result() async -> Result {
        await withCheckedContinuation { continuation in
            let result: Result? = state.withLock { state in
                if let result = state.result { return result }
                state.waiter = continuation
                return nil
            }
            if let result { continuation.resume(returning: result) }
        }
    }

    /// Asks the operation to end, and stops waiting for it after `grace`, or what the operation needs if that is longer. The first interruption counts.
    package func interrupt(_ interruption: Interruption, grace: Duration) {
        let task: Task<Void, Never>?? = state.withLock { state in
            guard state.result == nil, state.interruption == nil else { return nil }
            state.interruption = interruption
            return .some(state.task)
        }
        guard case .some(let task) = task else { return }
        let token = timers.schedule(after: max(grace, leastGrace)) { [weak self] in
            self?.decide { Result(outcome: nil, interruption: $0.interruption) }
        }
        let isDecided = state.withLock { state in
            state.graceTimer = token
            return state.result != nil
        }
        if isDecided { timers.cancel(token) }
        cancel(task)
    }

    private func cancel(_ task: Task<Void, Never>?) {
        guard let task else { return }
        Task(executorPreference: cancellers) { task.cancel() }
    }

    /// The operation has been answered for and still runs: it ignores cancellation.
    package var isStuck: Bool {
        state.withLock { state in
            guard let result = state.result else { return false }
            return result.outcome == nil && !state.hasEnded
        }
    }

    /// The result is out: what the operation does from now on reaches nobody.
    package var isAnswered: Bool { state.withLock { $0.result != nil } }

    private func end(with outcome: OperationOutcome) {
        decide { Result(outcome: outcome, interruption: $0.interruption) }
        let timer = state.withLock { state in
            state.hasEnded = true
            state.task = nil
            return state.graceTimer
        }
        if let timer { timers.cancel(timer) }
    }

    private func decide(_ makeResult: (State) -> Result) {
        let decision: (CheckedContinuation<Result, Never>, Result)? = state.withLock { state in
            guard state.result == nil else { return nil }
            let result = makeResult(state)
            state.result = result
            defer { state.waiter = nil }
            return state.waiter.map { ($0, result) }
        }
        decision?.0.resume(returning: decision?.1 ?? Result())
    }
}
