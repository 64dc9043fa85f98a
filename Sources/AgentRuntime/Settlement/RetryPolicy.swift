internal import AgentProtocol
package import Operative

/// Turns the outcome of an operation into what is done about it. Pure.
package struct RetryPolicy: Sendable {
    package var mode: RetryMode
    /// The longest delay an operation may ask for.
    package var maximumDelay: Duration
    /// The delay of a retry that names none.
    package var defaultInterval: Duration

    package init(
        mode: RetryMode, maximumDelay: Duration = .seconds(30 * 86_400), defaultInterval: Duration = .seconds(30)
    ) {
        self.mode = mode
        self.maximumDelay = maximumDelay
        self.defaultInterval = defaultInterval
    }

    /// The attempt that ended, as the task counts it.
    package struct Attempt: Sendable, Hashable {
        package var retryNumber: Int
        /// How many retries the sender allows; negative when any number.
        package var maximumRetries: Int

        package init(retryNumber: Int, maximumRetries: Int) {
            self.retryNumber = retryNumber
            self.maximumRetries = maximumRetries
        }

        var permitsAnother: Bool { maximumRetries < 0 || retryNumber < maximumRetries }
    }

    /// - Parameter canPark: whether the broker keeps delayed messages for this agent; if not, retries are answered.
    package func verdict(on outcome: OperationOutcome, attempt: Attempt, canPark: Bool) -> Verdict {
        switch outcome {
        case .succeeded(let value):
            return .succeed(value)
        case .cancelled:
            return .endSilently
        case .stopAgent:
            return .stopAgent
        case .retry(let delay, let message):
            return retry(
                after: delay, because: .requested(message), attempt: attempt, canPark: canPark)
        case .failed(let failure):
            guard case .recoverable(let delay) = failure.kind else { return .fail(failure) }
            return retry(after: delay, because: .failed(failure), attempt: attempt, canPark: canPark)
        }
    }

    private func retry(
        after requested: Duration?, because reason: Verdict.RetryReason, attempt: Attempt, canPark: Bool
    ) -> Verdict {
        if let requested, requested > maximumDelay {
            return .fail(
                reason.asFinalFailure(
                    """
                    The operation asked to be retried after \(requested.inSeconds) s, which is more than retry.max_delay (\(maximumDelay.inSeconds) s).
                    """))
        }
        let delay = requested.map { max(.zero, $0) }
        guard mode == .requeue, canPark else { return .answerRetry(after: delay, reason: reason) }
        guard attempt.permitsAnother else {
            return .fail(
                reason.asFinalFailure(
                    "The operation is not retried any more: all \(attempt.maximumRetries) retries are used up. Last: \(reason.message)"
                ))
        }
        return .park(after: delay ?? defaultInterval, reason: reason)
    }
}

extension Duration {
    /// Seconds without a needless fraction, for messages.
    var inSeconds: String {
        let (seconds, attoseconds) = components
        guard attoseconds != 0 else { return "\(seconds)" }
        return "\(Double(seconds) + Double(attoseconds) / 1e18)"
    }
}
