/// How one attempt of an operation ended.
package enum OperationOutcome: Sendable, Hashable {
    /// With a result, possibly null.
    case succeeded(PropertyValue)
    /// With the wish to be run again.
    case retry(after: Duration?, message: String)
    /// With an error.
    case failed(OperationFailure)
    /// Because it was cancelled; nobody wants an answer.
    case cancelled
    /// With the wish that the agent ends.
    case stopAgent

    /// The outcome of a body that threw. `CancellationError` means cancelled only when the task really was.
    package init(throwing error: any Error, isCancelled: Bool) {
        switch error {
        case let request as RetryRequest: self = .retry(after: request.after, message: request.message)
        case is StopAgentRequest: self = .stopAgent
        case is CancellationError where isCancelled: self = .cancelled
        default: self = .failed(OperationFailure(error))
        }
    }
}
