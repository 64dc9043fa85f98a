package import Operative

/// What follows from a manager's answers around an operation: pure functions, one for each question.
package enum AttendanceTable {
    /// How a task goes on once its manager was asked about it.
    package enum Opening: Sendable, Hashable {
        /// The operation may start.
        ///
        /// - Parameters:
        ///   - resume: whether somebody had begun with it.
        ///   - storesStates: whether the manager keeps a record of it.
        case start(resume: Bool, storesStates: Bool)
        /// Nobody wants it any more: no reply.
        case endSilently
        /// It was not found out in time: the task goes back to where it came from.
        case handBack
        /// It fails with this before it started.
        case fail(OperationFailure)
    }

    /// What becomes of an outcome that is on disk.
    package enum Closing: Sendable, Hashable {
        /// It is told.
        case tell
        /// Nobody waits for it any more.
        case silence
        /// It stays where it is, for the agent's next start.
        case leave
    }

    /// After the execution was asked for.
    ///
    /// - Returns: nil when the operation's record is to be asked for next.
    package static func opening(execution: Result<ExecutionStatus?, AttendanceError>) -> Opening? {
        switch execution {
        case .success(.some(.cancelled)), .failure(.tokenRefused): .endSilently
        case .success: nil
        case .failure(.interrupted): .handBack
        case .failure(.failed(let failure)): .fail(failure)
        }
    }

    /// After the operation's record was asked for.
    ///
    /// - Parameters:
    ///   - isLost: the agent's own journal is new and the task was handed out before: only the record can tell whether it was begun.
    ///   - wasParked: the task is an attempt that this or another agent parked, so the one before had ended in order.
    ///   - policy: what to do when the record cannot tell.
    ///   - isResumable: whether the operation can be resumed.
    package static func opening(
        record: Result<OperationState?, AttendanceError>, isLost: Bool, wasParked: Bool, policy: LostJournalPolicy,
        isResumable: Bool
    ) -> Opening {
        switch record {
        case .success(.some(.started)): .start(resume: true, storesStates: true)
        // Its outcome went with the journal.
        case .success(.some(.responseSent)) where isLost && !wasParked: .start(resume: true, storesStates: true)
        case .success(.some): .start(resume: false, storesStates: true)
        case .success(nil) where isLost && isResumable: .start(resume: true, storesStates: false)
        case .success(nil) where isLost && policy == .fail: .fail(.interrupted(.journalLost))
        case .success(nil): .start(resume: false, storesStates: false)
        case .failure(.tokenRefused): .endSilently
        case .failure(.interrupted): .handBack
        case .failure(.failed(let failure)): .fail(failure)
        }
    }

    /// After the last state was to be stored. What the operation did counts for more than the record of it.
    package static func closing(_ stored: Result<Void, AttendanceError>) -> Closing {
        switch stored {
        case .success, .failure(.failed): .tell
        case .failure(.tokenRefused): .silence
        case .failure(.interrupted): .leave
        }
    }
}
