package import Operative

/// Why a manager has not been asked or told something around an operation.
package enum AttendanceError: Error, Sendable, Hashable {
    /// It takes the task's token for nobody's: the execution was cancelled or has a new run, and nobody waits for an answer.
    case tokenRefused
    /// The wait was ended by this side.
    case interrupted
    /// With this as the operation's failure.
    case failed(OperationFailure)
}
