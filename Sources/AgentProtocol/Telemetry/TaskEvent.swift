public import Operative

/// A step in the life of a task. The agent tells of these steps where no manager derives them from the states of stored operations.
public enum TaskEvent: Sendable, Hashable {
    /// An attempt has begun.
    case started
    /// An attempt has ended with the wish for another one. The wait appears in the text.
    case rescheduled(reason: String, retryAfter: Duration?, causes: [ErrorCause]?)
    /// The operation has ended with a result, possibly null.
    case succeeded(PropertyValue)
    /// The operation has failed.
    case failed(reason: String, causes: [ErrorCause]?)

    /// The event of an outcome; `nil` when the task ends silently.
    package init?(_ outcome: OperationOutcome) {
        switch outcome {
        case .succeeded(let value): self = .succeeded(value)
        case .stopAgent: self = .succeeded(.null)
        case .retry(let after, let message): self = .rescheduled(reason: message, retryAfter: after, causes: nil)
        case .failed(let failure): self = .failed(reason: failure.message, causes: failure.causes.map(ErrorCause.init))
        case .cancelled: return nil
        }
    }

    /// The kind of event on the wire.
    public var eventType: String {
        switch self {
        case .started: "task_started"
        case .rescheduled: "task_rescheduled"
        case .succeeded: "task_succeeded"
        case .failed: "task_failed"
        }
    }

    /// The record to send.
    ///
    /// - Parameters:
    ///   - context: what the records of the operation have in common.
    ///   - retryNumber: how many attempts came before.
    ///   - maxRetries: how many may follow the first; −1 means any number.
    ///   - timestamp: when it happened.
    public func record(
        context: MessageContext, retryNumber: Int, maxRetries: Int, timestamp: Timestamp
    ) -> EventRecord {
        var extra = JSONWriter(reservingCapacity: 64)
        extra.raw(",\"task_current_retries\":")
        extra.integer(retryNumber)
        extra.raw(",\"task_total_retries\":")
        extra.integer(maxRetries)
        switch self {
        case .rescheduled(_, _, let causes), .failed(_, let causes):
            extra.raw(",\"task_error_causes\":")
            if let causes { extra.causes(causes) } else { extra.raw("null") }
        case .started, .succeeded: break
        }
        return EventRecord(
            context: context, eventType: eventType,
            message: text(taskName: context.taskName, retryNumber: retryNumber, maxRetries: maxRetries),
            arguments: nil, timestamp: timestamp, extraMembers: extra.bytes)
    }

    private func text(taskName: String, retryNumber: Int, maxRetries: Int) -> String {
        var text =
            switch self {
            case .started: "Task started '\(taskName)'"
            case .rescheduled(let reason, let retryAfter, _):
                "Task rescheduled '\(taskName)' -> \(RetryAfterText.append(retryAfter, to: reason))"
            case .succeeded(.null): "Task succeeded '\(taskName)'"
            case .succeeded(.string(let result)): "Task succeeded '\(taskName)' - \(result)"
            case .succeeded(let result): "Task succeeded '\(taskName)' - \(result.jsonString)"
            case .failed(let reason, _): "Task failed '\(taskName)' -> \(reason)"
            }
        if retryNumber > 0 {
            text += maxRetries < 0 ? " [retry \(retryNumber)]" : " [retry \(retryNumber)/\(maxRetries)]"
        }
        return text
    }
}
