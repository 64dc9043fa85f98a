/// Who waits for the time of a retry to come (setting `retry.mode`). Never both: the operation would run twice.
package enum RetryMode: String, Sendable, Hashable, CaseIterable {
    /// The broker: the agent puts the task aside and the manager sees one long operation.
    case requeue
    /// The manager: it is told when to send the task again.
    case reply
}
