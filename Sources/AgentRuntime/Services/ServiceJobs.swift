internal import Synchronization

/// Work for service tasks that takes long. It ends with the agent.
final class ServiceJobs: Sendable {
    private struct State {
        var isEnded = false
        var tasks: [Int: Task<Void, any Error>] = [:]
        var count = 0
    }

    private let state = Mutex(State())

    /// Whether the agent has stopped waiting for jobs.
    var isEnded: Bool { state.withLock { $0.isEnded } }

    /// Runs a job to its end.
    ///
    /// - Throws: what the job throws, or `CancellationError` when jobs have ended.
    func run(_ job: @escaping @Sendable () async throws -> Void) async throws {
        let (number, task) = try state.withLock { state in
            guard !state.isEnded else { throw CancellationError() }
            state.count += 1
            let task = Task { try await job() }
            state.tasks[state.count] = task
            return (state.count, task)
        }
        defer { state.withLock { _ = $0.tasks.removeValue(forKey: number) } }
        try await task.value
    }

    /// Cancels all jobs; there are no more from now on.
    func end() {
        let tasks = state.withLock { state in
            state.isEnded = true
            return Array(state.tasks.values)
        }
        for task in tasks { task.cancel() }
    }
}
