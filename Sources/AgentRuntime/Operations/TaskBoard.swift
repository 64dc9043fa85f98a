internal import AgentProtocol
internal import Synchronization

/// All tasks that are in the agent's hands.
final class TaskBoard: Sendable {
    private let tasks = Mutex<[TaskKey: ActiveTask]>([:])

    /// Puts a task on the board.
    ///
    /// - Returns: the task that was there already under the same key; nil when this one is the first.
    func insert(_ task: ActiveTask) -> ActiveTask? {
        tasks.withLock { tasks in
            if let existing = tasks[task.key] { return existing }
            tasks[task.key] = task
            return nil
        }
    }

    func remove(_ key: TaskKey) {
        _ = tasks.withLock { $0.removeValue(forKey: key) }
    }

    var all: [ActiveTask] { tasks.withLock { Array($0.values) } }

    func tasks(ofExecution executionID: String) -> [ActiveTask] {
        all.filter { $0.envelope.executionID == executionID }
    }
}
