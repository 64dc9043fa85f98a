/// What the agent remembers of tasks that are no longer, or not yet, in its hands.
///
/// Tasks that wait or run in this process are known to the runtime itself; the journal is asked about all others.
package protocol TaskJournal: Sendable {
    /// The journal is new: it can say nothing of what an earlier process started whose own is lost.
    var isFresh: Bool { get }

    /// Everything that such a process had is on record by now: the next process need not take the journal for new. This one goes on to. Returns when a kill can no longer undo that, or when it cannot be written.
    func noteComplete() async

    /// What is kept outlives this process: the broker may forget a task once `keep` has returned.
    var isDurable: Bool { get }

    /// What the journal knows of a task.
    ///
    /// - Throws: when it cannot be read; nothing may be done with the task then.
    func entry(for key: TaskKey) async throws -> JournalEntry

    /// Records that the operation is about to run. Returns when a kill of this process can no longer undo the record.
    ///
    /// - Throws: when the record cannot be written; the operation must not run then.
    func start(_ key: TaskKey, task: JournalledTask) async throws

    /// Takes a task over from the broker, whether it was started or waits. Returns when it is on the disk.
    ///
    /// - Throws: when it cannot be written; the broker stays responsible then.
    func keep(_ key: TaskKey, task: JournalledTask) async throws

    /// Records how the operation ended, before anybody is told.
    func finish(_ key: TaskKey, task: JournalledTask, outcome: StoredOutcome) async throws

    /// Records that the outcome has reached the broker. What was kept of the task is dropped, but for an attempt that waits in the broker.
    func settle(_ key: TaskKey) async

    /// What an earlier process left to be done, oldest first: unsettled outcomes, tasks that wait, starts without an outcome.
    ///
    /// - Throws: when it cannot be read.
    func unfinished() async throws -> [UnfinishedTask]

    /// Why nothing can be written at present, in one line; nil when it can.
    var problem: String? { get }

    /// Has `tell` called, on any thread, whenever something cannot be written, or the disk does not confirm it, and nobody waits for it who could say so.
    func onFailure(_ tell: @escaping @Sendable () -> Void)

    /// Tries to write and to read, for whoever waits for a disk that can be used again.
    ///
    /// - Returns: whether both worked.
    func probe() async -> Bool

    /// Attempts that should have come back from the broker by now. Each is named again only after a while that doubles every time.
    func overdue() async -> [OverdueAttempt]
}

extension TaskJournal {
    /// For journals that fail in nothing that is not waited for.
    package func onFailure(_ tell: @escaping @Sendable () -> Void) {}
}

/// For journals that end with their process.
extension TaskJournal {
    package func noteComplete() async {}
}
