import Operative

/// What the manager would be told about a failed operation.
public struct TestFailure: Sendable, Hashable, CustomStringConvertible {
    /// One error of the chain that led to the failure.
    public struct Cause: Sendable, Hashable {
        /// The name of the error's type.
        public let type: String
        /// What went wrong.
        public let message: String
    }

    /// Whether the workflow may try again.
    public let isRecoverable: Bool
    /// How long the workflow should wait before it tries again; `nil` leaves it to the workflow.
    public let retryAfter: Duration?
    /// The name of the type of the error that was thrown.
    public let type: String
    /// What went wrong.
    public let message: String
    /// The chain of errors, innermost first, ending with the one that was thrown.
    public let causes: [Cause]

    /// Type and message.
    public var description: String { "\(type): \(message)" }

    init(_ failure: OperationFailure) {
        switch failure.kind {
        case .recoverable(let retryAfter):
            isRecoverable = true
            self.retryAfter = retryAfter
        case .nonRecoverable:
            isRecoverable = false
            retryAfter = nil
        }
        type = failure.typeName
        message = failure.message
        causes = failure.causes.map { Cause(type: $0.type, message: $0.message) }
    }
}
