/// Fails this attempt of an operation; the operation may be tried again.
public struct RecoverableError: Recoverable, CausedError, CustomStringConvertible {
    /// What went wrong, for the person who reads the workflow's log.
    public let message: String
    /// How long to wait before the next attempt; `nil` leaves it to the workflow.
    public let retryAfter: Duration?
    /// The error that led to this one; `nil` when this is the first.
    public let cause: (any Error)?

    /// Creates an error.
    public init(_ message: String, retryAfter: Duration? = nil, cause: (any Error)? = nil) {
        self.message = message
        self.retryAfter = retryAfter
        self.cause = cause
    }

    /// The cause, or nothing.
    public var causes: [any Error] { cause.map { [$0] } ?? [] }
    /// The message.
    public var description: String { message }
}
