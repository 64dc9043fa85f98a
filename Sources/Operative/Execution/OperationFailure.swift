/// Why an operation failed, reduced to what the manager can be told.
package struct OperationFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// Whether trying again makes sense.
    package enum Kind: Sendable, Hashable {
        case recoverable(retryAfter: Duration?)
        case nonRecoverable
    }

    /// One error of the chain that led to the failure.
    package struct Cause: Sendable, Hashable {
        package let type: String
        package let message: String
        package let traceback: String?

        package init(type: String, message: String, traceback: String? = nil) {
            self.type = type
            self.message = message
            self.traceback = traceback
        }
    }

    /// Error chains are cut here; an error that is its own cause must not keep the agent busy forever.
    private static let maximumCauses = 32

    package let kind: Kind
    /// The name of the error's own type.
    package let typeName: String
    package let message: String
    /// The chain, innermost first, ending with the error itself; empty when the agent is the one who failed the operation.
    package let causes: [Cause]
    /// How the manager's side is to rebuild it; nil when ``kind`` says all.
    package let known: KnownError?

    package init(kind: Kind, typeName: String, message: String, causes: [Cause] = [], known: KnownError? = nil) {
        self.kind = kind
        self.known = known
        self.typeName = typeName
        self.message = message
        self.causes = causes
    }

    /// What an error thrown by an operation means. Errors that say nothing about it are recoverable.
    package init(_ error: any Error) {
        if let failure = error as? OperationFailure {
            self = failure
            return
        }
        var causes: [Cause] = []
        Self.collect(error, depth: 0, into: &causes)
        self.init(
            kind: error is any NonRecoverable ? .nonRecoverable : .recoverable(retryAfter: Self.retryAfter(of: error)),
            typeName: Self.typeName(of: error), message: String(describing: error), causes: causes)
    }

    /// The failure of an operation that was interrupted and does not support being resumed.
    package static func notResumable(_ taskName: String) -> OperationFailure {
        OperationFailure(NonRecoverableError("Cannot resume - operation not resumable: \(taskName)"))
    }

    package var description: String { "\(typeName): \(message)" }

    private static func collect(_ error: any Error, depth: Int, into causes: inout [Cause]) {
        if depth < maximumCauses, let caused = error as? any CausedError {
            for cause in caused.causes where causes.count < maximumCauses - 1 {
                collect(cause, depth: depth + 1, into: &causes)
            }
        }
        let message = RetryAfterText.append(retryAfter(of: error), to: String(describing: error))
        causes.append(Cause(type: typeName(of: error), message: message))
    }

    private static func retryAfter(of error: any Error) -> Duration? {
        (error as? any Recoverable)?.retryAfter.map { max($0, .zero) }
    }

    private static func typeName(of error: any Error) -> String { String(describing: type(of: error)) }
}
