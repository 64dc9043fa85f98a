public import Operative

/// How an attempt of an operation ended.
public enum TestOutcome: Sendable, Hashable {
    /// With a result, possibly null.
    case succeeded(PropertyValue)
    /// With the wish to be run again.
    case retry(RetryRequest)
    /// With an error.
    case failed(TestFailure)
    /// Because the test cancelled it.
    case cancelled
    /// With the wish that the agent ends.
    case stopAgent

    init(_ outcome: OperationOutcome) {
        switch outcome {
        case .succeeded(let value): self = .succeeded(value)
        case .retry(let after, let message): self = .retry(RetryRequest(after: after, message: message))
        case .failed(let failure): self = .failed(TestFailure(failure))
        case .cancelled: self = .cancelled
        case .stopAgent: self = .stopAgent
        }
    }
}
