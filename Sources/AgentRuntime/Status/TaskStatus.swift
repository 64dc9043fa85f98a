package import AgentExecutors

/// One task in the agent's hands.
package struct TaskStatus: Sendable, Hashable {
    package enum Phase: String, Sendable, Hashable, CaseIterable {
        /// It waits for a slot.
        case waiting
        /// Its operation runs.
        case running
        /// It was answered for, and its operation ignores cancellation: it runs on and holds its slot.
        case stuck
        /// Its operation has ended; the outcome is on its way to the broker.
        case settling

        /// What somebody who looks wants to see first.
        var rank: Int {
            switch self {
            case .stuck: 0
            case .running: 1
            case .settling: 2
            case .waiting: 3
            }
        }
    }

    package var taskID: String
    package var retryNumber: Int
    /// The name under which the operation was asked for.
    package var operation: String
    /// Nil when the task belongs to no execution.
    package var executionID: String?
    package var phase: Phase
    /// When the phase began.
    package var since: MonotonicInstant
    /// Its execution was cancelled.
    package var isCancelled: Bool

    package init(
        taskID: String, retryNumber: Int, operation: String, executionID: String?, phase: Phase,
        since: MonotonicInstant, isCancelled: Bool
    ) {
        self.taskID = taskID
        self.retryNumber = retryNumber
        self.operation = operation
        self.executionID = executionID
        self.phase = phase
        self.since = since
        self.isCancelled = isCancelled
    }
}
