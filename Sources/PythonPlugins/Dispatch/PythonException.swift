internal import Operative

/// An exception as the dispatched process has serialised it.
struct PythonException {
    private let type: String
    private let message: String
    private let knownType: String
    private let arguments: [PropertyValue]
    private let causes: [OperationFailure.Cause]
    private let traceback: String?

    /// - Throws: ``NonRecoverableError`` when it is no exception.
    init(_ payload: PropertyValue) throws(NonRecoverableError) {
        guard let message = payload["message"]?.stringValue,
            let knownType = payload["known_exception_type"]?.stringValue
        else { throw NonRecoverableError("The operation's output.json has an error without message or type.") }
        self.message = message
        self.knownType = knownType
        type = payload["exception_type"]?.stringValue ?? knownType
        arguments = payload["known_exception_type_args"]?.arrayValue ?? []
        traceback = payload["traceback"]?.stringValue
        causes = (payload["known_exception_type_kwargs"]?["causes"]?.arrayValue ?? []).map { cause in
            OperationFailure.Cause(
                type: cause["type"]?.stringValue ?? "Exception",
                message: cause["message"]?.stringValue ?? cause["message"]?.description ?? "",
                traceback: cause["traceback"]?.stringValue)
        }
    }

    /// What the operation's body throws for it.
    func asThrown() throws(NonRecoverableError) -> any Error {
        switch knownType {
        case "StopAgent": return StopAgentRequest()
        case "NonRecoverableError": return failure(.nonRecoverable, KnownError(type: knownType))
        case "HttpException": return try httpException()
        case "WorkflowFailed": return failure(.recoverable(retryAfter: nil), KnownError(type: knownType))
        case "RecoverableError", "OperationRetry":
            let delay = try retryDelay()
            return failure(
                .recoverable(retryAfter: delay.duration), KnownError(type: knownType, arguments: [delay.value]))
        default:
            throw NonRecoverableError(
                "The operation failed with an exception of the unknown class \(knownType): \(message)")
        }
    }

    private func failure(
        _ kind: OperationFailure.Kind, _ known: KnownError, message: String? = nil
    ) -> OperationFailure {
        let itself = OperationFailure.Cause(type: type, message: self.message, traceback: traceback)
        return OperationFailure(
            kind: kind, typeName: type, message: message ?? self.message, causes: causes + [itself], known: known)
    }

    /// The address and the status are in its message once more, as in the original.
    private func httpException() throws(NonRecoverableError) -> OperationFailure {
        guard arguments.count >= 2 else {
            throw NonRecoverableError(
                "The operation failed with an HttpException without address and status: \(message)")
        }
        let text = "\(PythonText.of(arguments[1])) (\(PythonText.of(arguments[0]))) : \(message)"
        return failure(
            .nonRecoverable,
            KnownError(type: knownType, arguments: Array(arguments.prefix(2)), appendsMessage: true), message: text)
    }

    /// - Throws: what the operation fails with when it has asked for what is no time.
    private func retryDelay() throws(NonRecoverableError) -> RetryDelay {
        do throws(NonRecoverableError) {
            return try RetryDelay(arguments.first ?? .null)
        } catch {
            throw NonRecoverableError("\(error) \(message)")
        }
    }
}
