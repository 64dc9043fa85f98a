package import Operative

/// What is done about an operation that ended.
package enum Verdict: Sendable {
    /// Why an operation is tried again.
    package enum RetryReason: Sendable {
        /// The operation asked for it.
        case requested(String)
        /// The operation failed in a way that may pass.
        case failed(OperationFailure)

        package var message: String {
            switch self {
            case .requested(let message): message
            case .failed(let failure): failure.message
            }
        }
    }

    case succeed(PropertyValue)
    case fail(OperationFailure)
    /// Put the task aside in the broker for another attempt.
    case park(after: Duration, reason: RetryReason)
    /// Tell the manager to send the task again; nil when it shall choose the time.
    case answerRetry(after: Duration?, reason: RetryReason)
    case endSilently
    case stopAgent
}
