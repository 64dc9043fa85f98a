internal import AgentRuntime

/// One change of the journal, on its way to the writing thread. A reference, because it is handed on several times and what it holds is much.
final class JournalCommand: Sendable {
    enum Change: Sendable {
        case start(JournalledTask)
        case keep(JournalledTask)
        case finish(JournalledTask, StoredOutcome)
        case settle
        /// Writes something, to see whether that is possible.
        case probe
        /// Something else in the same transaction; `isHistory` as below.
        case job(isHistory: Bool, @Sendable (inout SQLiteConnection) throws(SQLiteError) -> Void)
        /// Nothing: lets the writing thread come round to go on with tidying.
        case tidy
    }

    /// The key of what is about no task.
    static let noKey = TaskKey(taskID: "", retryNumber: 0, run: 0)

    typealias Completion = @Sendable (SQLiteError?) -> Void

    let key: TaskKey
    let change: Change
    /// Whether the completion waits until the change is on the disk, not only in the system's cache.
    let isSynchronized: Bool
    let complete: Completion?

    init(key: TaskKey, change: Change, isSynchronized: Bool, complete: Completion?) {
        self.key = key
        self.change = change
        self.isSynchronized = isSynchronized
        self.complete = complete
    }

    /// Whether it must not be forgotten when it cannot be written now: it says what has happened, not what is going to.
    var isHistory: Bool {
        switch change {
        case .start, .keep, .probe, .tidy: false
        case .finish, .settle: true
        case .job(let isHistory, _): isHistory
        }
    }

    /// See ``Change/tidy``.
    static let tidy = JournalCommand(key: noKey, change: .tidy, isSynchronized: false, complete: nil)

    /// Whether everything that came before must be written before it: a settlement that is still held back would come too late for
    /// a takeover, and whoever probes wants to know that all is written.
    var needsAllBefore: Bool {
        switch change {
        case .keep, .probe, .job: true
        case .start, .finish, .settle, .tidy: false
        }
    }

    /// The same change, of which nobody waits to hear.
    var unattended: JournalCommand {
        JournalCommand(key: key, change: change, isSynchronized: false, complete: nil)
    }
}
