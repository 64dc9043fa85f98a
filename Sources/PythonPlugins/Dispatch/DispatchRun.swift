internal import AgentExecutors
internal import OperationProcesses
internal import Synchronization

/// One dispatched process, waited for no longer than its time allows.
///
/// It is not a child of the operation's task: a process that cannot be ended must not keep the operation from being answered.
final class DispatchRun: Sendable {
    enum Outcome: Sendable {
        /// How it ended, and what it has left.
        case ended(ProcessEnd, output: [UInt8]?)
        case failed(any Error)
        /// Its time was up.
        ///
        /// - Parameter running: the process that has not ended in spite of that; nil when there is none.
        case timedOut(running: Int32?)
    }

    private struct State {
        var task: Task<Void, Never>?
        var outcome: Outcome?
        var waiter: CheckedContinuation<Outcome, Never>?
        var isCancelled = false
        var isOverdue = false
        var pid: Int32?
        var timers: [TimerThread.Token] = []
    }

    private let state = Mutex(State())
    private let timers: TimerThread
    private let patience: Duration

    /// - Parameter patience: how long the process may take to end after its time was up.
    init(timers: TimerThread, patience: Duration) {
        self.timers = timers
        self.patience = patience
    }

    /// Runs `body`, which ends the process when it is cancelled.
    ///
    /// - Parameters:
    ///   - executor: where.
    ///   - timeout: counted from the process's start; nil for none.
    func outcome(
        on executor: any TaskExecutor, timeout: Duration?,
        _ body:
            @escaping @Sendable (_ onStart: @escaping @Sendable (RunningProcess) async -> Void) async throws -> (
                ProcessEnd, [UInt8]?
            )
    ) async -> Outcome {
        let task = Task.detached(executorPreference: executor) { [self] in
            do {
                let (end, output) = try await body { [self] process in begun(process, timeout) }
                decide { $0.isOverdue ? .timedOut(running: nil) : .ended(end, output: output) }
            } catch {
                decide { $0.isOverdue ? .timedOut(running: nil) : .failed(error) }
            }
        }
        let isCancelled = state.withLock { state in
            state.task = task
            return state.isCancelled
        }
        if isCancelled { task.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome: Outcome? = state.withLock { state in
                    if state.outcome == nil { state.waiter = continuation }
                    return state.outcome
                }
                if let outcome { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            cancel()
        }
    }

    private func begun(_ process: RunningProcess, _ timeout: Duration?) {
        state.withLock { $0.pid = process.pid }
        guard let timeout else { return }
        schedule(after: timeout) { [weak self] in self?.timeIsUp() }
    }

    private func timeIsUp() {
        let task: Task<Void, Never>?? = state.withLock { state in
            guard state.outcome == nil, !state.isCancelled else { return nil }
            state.isOverdue = true
            return .some(state.task)
        }
        guard case .some(let task) = task else { return }
        schedule(after: patience) { [weak self] in self?.decide { .timedOut(running: $0.pid) } }
        task?.cancel()
    }

    private func cancel() {
        let task = state.withLock { state in
            state.isCancelled = true
            return state.task
        }
        task?.cancel()
    }

    private func schedule(after delay: Duration, _ action: @escaping @Sendable () -> Void) {
        let token = timers.schedule(after: delay, action)
        let isOver = state.withLock { state in
            state.timers.append(token)
            return state.outcome != nil
        }
        if isOver { timers.cancel(token) }
    }

    private func decide(_ makeOutcome: (State) -> Outcome) {
        let (waiter, outcome, tokens) = state.withLock {
            state -> (CheckedContinuation<Outcome, Never>?, Outcome?, [TimerThread.Token]) in
            guard state.outcome == nil else { return (nil, nil, []) }
            let outcome = makeOutcome(state)
            state.outcome = outcome
            state.task = nil
            defer { state.waiter = nil }
            return (state.waiter, outcome, state.timers)
        }
        for token in tokens { timers.cancel(token) }
        if let outcome { waiter?.resume(returning: outcome) }
    }
}
