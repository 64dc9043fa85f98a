package import AgentExecutors

/// An attempt that has ended.
package struct RecentOutcome: Sendable, Hashable {
    package var taskID: String
    package var retryNumber: Int
    package var operation: String
    /// Nil when the task belonged to no execution.
    package var executionID: String?
    package var kind: OutcomeKind
    package var ended: MonotonicInstant
    /// How long the operation ran; nil when it never began.
    package var duration: Duration?

    package init(
        taskID: String, retryNumber: Int, operation: String, executionID: String?, kind: OutcomeKind,
        ended: MonotonicInstant, duration: Duration?
    ) {
        self.taskID = taskID
        self.retryNumber = retryNumber
        self.operation = operation
        self.executionID = executionID
        self.kind = kind
        self.ended = ended
        self.duration = duration
    }
}
