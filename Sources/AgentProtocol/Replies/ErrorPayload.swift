public import Operative

/// An error as the engine rebuilds it (Cloudify agent protocol, response body).
public struct ErrorPayload: Sendable, Hashable {
    /// The class of the error. On the wire always one the engine knows; the original type is in the last cause.
    public let exceptionType: String
    /// What went wrong; ends with ` [retry_after=N]` when there is a wait.
    public let message: String
    /// The class the engine instantiates.
    public let knownExceptionType: String
    /// The arguments of that class besides the message.
    public let arguments: [PropertyValue]
    /// What led to the error, innermost first.
    public let causes: [ErrorCause]
    /// Whether the message comes after the arguments.
    public let appendsMessage: Bool
    /// Where the agent was; the key is left out when `nil`.
    public let traceback: String?

    /// Creates a payload from its parts.
    public init(
        exceptionType: String, message: String, knownExceptionType: String, arguments: [PropertyValue],
        causes: [ErrorCause] = [], appendsMessage: Bool = false, traceback: String? = nil
    ) {
        self.exceptionType = exceptionType
        self.message = message
        self.knownExceptionType = knownExceptionType
        self.arguments = arguments
        self.causes = causes
        self.appendsMessage = appendsMessage
        self.traceback = traceback
    }

    /// An error after which the engine does not try again.
    public static func nonRecoverable(_ message: String, causes: [ErrorCause] = []) -> ErrorPayload {
        known("NonRecoverableError", message, [], causes)
    }

    /// An error after which the engine may try again.
    ///
    /// - Parameter retryAfter: how long the engine waits; `nil` leaves it to the engine.
    public static func recoverable(
        _ message: String, retryAfter: Duration? = nil, causes: [ErrorCause] = []
    ) -> ErrorPayload {
        known("RecoverableError", RetryAfterText.append(retryAfter, to: message), [seconds(retryAfter)], causes)
    }

    /// The operation's own wish to be run again. Its cause has no traceback, as in the original.
    ///
    /// - Parameter retryAfter: how long the engine waits; `nil` leaves it to the engine.
    public static func operationRetry(_ message: String, retryAfter: Duration? = nil) -> ErrorPayload {
        let message = RetryAfterText.append(retryAfter, to: message)
        let cause = ErrorCause(message: message, type: "OperationRetry", traceback: nil)
        return known("OperationRetry", message, [seconds(retryAfter)], [cause])
    }

    /// What the engine is told about a failed operation.
    package init(_ failure: OperationFailure) {
        if let known = failure.known {
            self.init(failure, as: known)
            return
        }
        let causes = failure.causes.map(ErrorCause.init)
        switch failure.kind {
        case .nonRecoverable: self = .nonRecoverable(failure.message, causes: causes)
        case .recoverable(let retryAfter): self = .recoverable(failure.message, retryAfter: retryAfter, causes: causes)
        }
    }

    private init(_ failure: OperationFailure, as known: KnownError) {
        // A wish is no error: nobody looks for the place it came from.
        let isWish = known.type == "OperationRetry"
        self.init(
            exceptionType: known.type, message: failure.message, knownExceptionType: known.type,
            arguments: known.arguments,
            causes: failure.causes.map { cause in
                isWish
                    ? ErrorCause(message: cause.message, type: cause.type, traceback: cause.traceback)
                    : ErrorCause(cause)
            },
            appendsMessage: known.appendsMessage)
    }

    func write(to writer: inout JSONWriter) {
        writer.raw("{\"exception_type\":")
        writer.string(exceptionType)
        writer.raw(",\"message\":")
        writer.string(message)
        writer.raw(",\"known_exception_type\":")
        writer.string(knownExceptionType)
        writer.raw(",\"known_exception_type_args\":")
        writer.array(arguments)
        writer.raw(",\"known_exception_type_kwargs\":{\"causes\":")
        writer.causes(causes)
        writer.raw("},\"append_message\":")
        writer.bool(appendsMessage)
        if let traceback {
            writer.raw(",\"traceback\":")
            writer.string(traceback)
        }
        writer.raw("}")
    }

    private static func known(
        _ type: String, _ message: String, _ arguments: [PropertyValue], _ causes: [ErrorCause]
    ) -> ErrorPayload {
        ErrorPayload(
            exceptionType: type, message: message, knownExceptionType: type, arguments: arguments, causes: causes)
    }

    private static func seconds(_ duration: Duration?) -> PropertyValue {
        duration.map(RetryAfterText.seconds) ?? .null
    }
}
