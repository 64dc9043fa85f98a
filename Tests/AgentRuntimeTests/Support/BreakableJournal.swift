import AgentRuntime
import Synchronization

/// A journal on a disk that can fail, and that may know of tasks at which the agent has died.
final class BreakableJournal: TaskJournal {
    struct Broken: Error {}

    private let inner = InMemoryJournal(isFresh: false)
    private let broken = Atomic(false)
    private let proof = Atomic(false)
    private let late = Mutex<[OverdueAttempt]>([])
    private let suspects: Set<String>

    let isFresh = false
    let isDurable = true
    private var isBroken: Bool { broken.load(ordering: .sequentiallyConsistent) }
    var problem: String? { isBroken ? "the disk is full" : nil }

    /// - Parameter suspects: identifiers of tasks whose operation ran at two deaths of the agent.
    init(suspects: Set<String> = []) { self.suspects = suspects }

    func setBroken(_ isBroken: Bool) { broken.store(isBroken, ordering: .sequentiallyConsistent) }

    private func check() throws { if isBroken { throw Broken() } }

    func entry(for key: TaskKey) async throws -> JournalEntry {
        let entry = await inner.entry(for: key)
        return entry == .unknown && suspects.contains(key.taskID) ? .interrupted(InterruptedStart(deaths: 2)) : entry
    }

    func start(_ key: TaskKey, task: JournalledTask) async throws { try check() }

    func keep(_ key: TaskKey, task: JournalledTask) async throws { try check() }

    func finish(_ key: TaskKey, task: JournalledTask, outcome: StoredOutcome) async throws {
        try await inner.finish(key, task: task, outcome: outcome)
        try check()
    }

    func settle(_ key: TaskKey) async { await inner.settle(key) }
    func unfinished() async throws -> [UnfinishedTask] { [] }
    func probe() async -> Bool { !isBroken || proof.load(ordering: .sequentiallyConsistent) }

    /// What little a trial writes still fits, also while nothing else does.
    func setTrialsWork(_ work: Bool) { proof.store(work, ordering: .sequentiallyConsistent) }

    func setOverdue(_ attempts: [OverdueAttempt]) { late.withLock { $0 = attempts } }

    func overdue() async -> [OverdueAttempt] {
        late.withLock { late in
            defer { late = [] }
            return late
        }
    }
}
