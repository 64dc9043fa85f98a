internal import AgentRuntime

/// One change of the journal, on its way to the writing thread.
struct JournalCommand: Sendable {
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

    /// The same change, of which nobody waits to hear.
    var unattended: JournalCommand {
        JournalCommand(key: key, change: change, isSynchronized: false, complete: nil)
    }
}
