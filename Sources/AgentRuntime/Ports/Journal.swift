/// What the agent remembers of tasks that are no longer, or not yet, in its hands.
///
/// Tasks that wait or run in this process are known to the runtime itself; the journal is asked about all others.
package protocol Journal: Sendable {
    /// The journal was made by this process: it can say nothing of what an earlier one started.
    var isFresh: Bool { get }

    /// What the journal knows of a task.
    func entry(for key: TaskKey) async -> JournalEntry

    /// Records that the operation is about to run. Returns when a kill of this process can no longer undo the record.
    func start(_ key: TaskKey, task: JournalledTask) async throws

    /// Records how the operation ended, before anybody is told.
    func finish(_ key: TaskKey, outcome: StoredOutcome) async throws

    /// Records that the outcome has reached the broker.
    func settle(_ key: TaskKey) async
}
