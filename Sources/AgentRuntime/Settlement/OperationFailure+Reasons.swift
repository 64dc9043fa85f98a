internal import AgentProtocol
internal import Operative

extension OperationFailure {
    static func nonRecoverable(
        _ message: String, type: String = "NonRecoverableError", causes: [Cause] = []
    ) -> OperationFailure {
        OperationFailure(kind: .nonRecoverable, typeName: type, message: message, causes: causes)
    }

    /// The agent stopped while it asked the manager, before the operation's first instruction: trying again is harmless.
    static let notBegun = OperationFailure(
        kind: .recoverable(retryAfter: nil), typeName: "OperationInterrupted",
        message: "The agent was stopped before this operation began.")

    /// The agent stopped before the operation's files were on the manager.
    static let filesNotHandedOver = OperationFailure(
        kind: .recoverable(retryAfter: nil), typeName: "OperationInterrupted",
        message: "The agent was stopped before the files of this operation's deployment were on the manager.")

    /// - Parameter outcome: what the operation still had to say when it was told to end; an error of its own becomes the cause.
    static func interrupted(_ reason: InterruptionReason, outcome: OperationOutcome? = nil) -> OperationFailure {
        var causes: [Cause] = []
        if case .failed(let failure) = outcome { causes = failure.causesOrItself }
        return nonRecoverable(reason.message, type: "OperationInterrupted", causes: causes)
    }

    /// What the agent itself says of an operation, as that it timed out, has no cause but itself.
    var causesOrItself: [Cause] {
        causes.isEmpty ? [Cause(type: typeName, message: message, traceback: nil)] : causes
    }

    static func unknownTask(_ name: String, _ registry: OperationRegistry) -> OperationFailure {
        let near = registry.nearMatches(to: name)
        let hint =
            near.isEmpty
            ? "This agent has: \(registry.names.prefix(20).joined(separator: ", "))."
            : "Did you mean \(near.map { "'\($0)'" }.joined(separator: " or "))?"
        return nonRecoverable(
            "No operation is registered under the task name '\(name)'. \(hint)", type: "UnknownOperation")
    }

    /// - Parameter outcome: what the operation still had to say when it was told to end; an error of its own becomes a cause.
    static func timedOut(after timeout: Duration, isRecoverable: Bool, outcome: OperationOutcome?) -> OperationFailure {
        let state = outcome == nil ? " It ignores cancellation and is still running." : ""
        var causes: [Cause] = []
        if case .failed(let failure) = outcome { causes = failure.causes }
        return OperationFailure(
            kind: isRecoverable ? .recoverable(retryAfter: nil) : .nonRecoverable, typeName: "OperationTimeout",
            message: "The operation did not end within its timeout of \(timeout.inSeconds) seconds.\(state)",
            causes: causes)
    }

    /// The same failure, to be tried again after another delay.
    func recoverable(after delay: Duration?) -> OperationFailure {
        OperationFailure(
            kind: .recoverable(retryAfter: delay), typeName: typeName, message: message, causes: causes, known: known)
    }
}

extension Verdict.RetryReason {
    /// The end of all retries, with the original as its cause, so that a workflow engine does not start over.
    func asFinalFailure(_ message: String) -> OperationFailure {
        switch self {
        case .requested(let text):
            .nonRecoverable(message, causes: [.init(type: "OperationRetry", message: text, traceback: nil)])
        case .failed(let failure):
            .nonRecoverable(message, causes: failure.causesOrItself)
        }
    }
}

extension ErrorPayload {
    /// What a sender is told who asked to hear of a cancellation.
    static let cancelled = ErrorPayload(
        exceptionType: "ProcessKillCancelled", message: "The operation was cancelled.",
        knownExceptionType: "NonRecoverableError", arguments: [])
}
