internal import AgentExecutors
package import AgentRuntime
internal import Synchronization

/// The journal on disk: `journal.db` in the state directory.
///
/// Changes go through one writing thread, which commits everything that has gathered together. A commit survives the death of
/// the process; that it survives a loss of power as well is seen to by a second thread, also for many at once. Questions are
/// answered over a connection of their own.
package final class SQLiteJournal: TaskJournal {
    package let isFresh: Bool
    package var isDurable: Bool { true }

    private let writer: JournalWriter
    private let thread: BatchThread<JournalCommand>
    private let reader: Mutex<JournalReader>
    private let durability: JournalDurability
    private let pending: PendingRecords
    private let index: KeyIndex
    let now: @Sendable () -> Int64
    private let lastUndeliverable: Mutex<Int64>
    private let alarm = JournalAlarm()

    /// Opens the journal of a state directory.
    ///
    /// - Parameters:
    ///   - onLost: told of undeliverable replies that the limits have removed, on the writing thread.
    ///   - onRefused: told, on the writing thread, why a single record was not written and never will be.
    /// - Throws: ``SQLiteError``; ``JournalError`` with `newerSchema` when a later release wrote the file.
    package convenience init(
        in directory: StateDirectory, limits: JournalLimits = JournalLimits(),
        durability: JournalDurability = .grouped, onLost: @escaping @Sendable (LostReplies) -> Void = { _ in },
        onRefused: @escaping @Sendable (SQLiteError) -> Void = { _ in }
    ) throws {
        try self.init(
            path: directory.path(of: JournalDatabase.fileName), isFresh: directory.wasCreated, limits: limits,
            durability: durability, onLost: onLost, onRefused: onRefused)
    }

    convenience init(
        path: String, isFresh: Bool, limits: JournalLimits = JournalLimits(),
        durability: JournalDurability = .grouped, foldsAt: Int = KeyFolder.threshold,
        now: (@Sendable () -> Int64)? = nil,
        machine: MachineClock = .system, onLost: @escaping @Sendable (LostReplies) -> Void = { _ in },
        onRefused: @escaping @Sendable (SQLiteError) -> Void = { _ in }
    ) throws {
        try self.init(
            at: JournalPlace(path: path), isFresh: isFresh, limits: limits, durability: durability, foldsAt: foldsAt,
            now: now, machine: machine, onLost: onLost, onRefused: onRefused)
    }

    /// - Parameters:
    ///   - isFresh: the state directory was made by this process.
    ///   - foldsAt: how many keys are kept in memory alone.
    ///   - now: the time in milliseconds; nil for that of the database, see ``Timeline``.
    init(
        at place: JournalPlace, isFresh: Bool, limits: JournalLimits = JournalLimits(),
        durability: JournalDurability = .grouped, foldsAt: Int = KeyFolder.threshold,
        now: (@Sendable () -> Int64)? = nil,
        machine: MachineClock = .system, onLost: @escaping @Sendable (LostReplies) -> Void = { _ in },
        onRefused: @escaping @Sendable (SQLiteError) -> Void = { _ in }
    ) throws {
        let path = place.path
        var database = try JournalDatabase(place)
        try JournalShutdown.begin(&database.connection)
        let timeline = try database.timeline(on: machine)
        let now = now ?? { timeline.now }
        guard let file = database.connection.writeAheadLog else {
            throw JournalError(.damaged, "\(path) keeps no write-ahead log; move it away and start the agent again")
        }
        lastUndeliverable = Mutex(try UndeliverableTable.lastID(&database.connection))
        self.isFresh = isFresh || database.isFresh
        let pending = PendingRecords()
        let index = try KeyFolder.index(of: &database.connection, threshold: foldsAt)
        let log = JournalLog(file, at: place)
        // An agent whose disk does not confirm anything starts all the same, says so and takes no tasks in.
        try? log.restoreTrust(database.connection)
        let writer = try JournalWriter(
            database.connection, index: index, foldsAt: foldsAt, limits: limits, durability: durability, log: log,
            now: now,
            onWritten: pending.written, onLost: onLost, onRefused: onRefused, alarm: alarm)
        self.index = index
        self.durability = durability
        self.pending = pending
        self.writer = writer
        self.now = now
        thread = BatchThread(name: "op-journal", onPause: writer.writeHeld) { commands in writer.write(commands) }
        writer.onUnfinishedTidying { [weak thread] in thread?.add(.tidy) }
        reader = Mutex(JournalReader(try SQLiteConnection(path: path, isReadOnly: true, disk: place.disk)))
    }

    /// Why nothing can be written at present, in one line; nil when it can.
    package var problem: String? { writer.problem?.description }

    /// Has `report` called, once and on the writing thread or at once, when the disk has lost a part of the journal: nothing can be written any more for as long as this process lives.
    package func onLoss(_ report: @escaping @Sendable (_ reason: String) -> Void) {
        writer.onLoss { report($0.description) }
    }

    package func onFailure(_ tell: @escaping @Sendable () -> Void) { alarm.onFailure(tell) }

    package func noteComplete() async {
        _ = await onWriter { connection throws(SQLiteError) in try connection.run("UPDATE shutdown SET fresh = 0") }
    }

    package func entry(for key: TaskKey) async throws -> JournalEntry {
        let pending = pending.record(of: key)
        if let outcome = pending?.outcome { return .finished(outcome, isSettled: pending?.isSettled ?? false) }
        let candidates = index.candidates(for: key.stored)
        guard !candidates.isEmpty else { return .unknown }
        let entry = try reader.withLock { reader throws(SQLiteError) in try reader.entry(for: key, candidates) }
        if pending?.isSettled == true, case .finished(let outcome, _) = entry {
            return .finished(outcome, isSettled: true)
        }
        return entry
    }

    package func start(_ key: TaskKey, task: JournalledTask) async throws {
        try await write(key, .start(task), isSynchronized: durability == .strict)
    }

    package func keep(_ key: TaskKey, task: JournalledTask) async throws {
        try await write(key, .keep(task), isSynchronized: true)
    }

    package func finish(_ key: TaskKey, task: JournalledTask, outcome: StoredOutcome) async throws {
        pending.ended(key, outcome)
        try await write(key, .finish(task, outcome), isSynchronized: durability == .strict)
    }

    package func settle(_ key: TaskKey) async {
        pending.settled(key)
        thread.add(JournalCommand(key: key, change: .settle, isSynchronized: false, complete: nil))
    }

    package func unfinished() async throws -> [UnfinishedTask] {
        try reader.withLock { reader throws(SQLiteError) in try reader.unfinished() }
    }

    package func overdue() async -> [OverdueAttempt] {
        let moment = now()
        let overdue = await onWriter { connection throws(SQLiteError) in
            try JournalOverdue.take(&connection, now: moment)
        }
        return overdue ?? []
    }

    /// Tries to write and to read, for whoever waits for a disk that can be used again.
    ///
    /// - Returns: whether both worked.
    package func probe() async -> Bool {
        let isWritten = await writeProbe()
        return isWritten && (try? reader.withLock { reader throws(SQLiteError) in try reader.probe() }) != nil
    }

    private func writeProbe() async -> Bool {
        await withCheckedContinuation { continuation in
            thread.add(
                JournalCommand(key: JournalCommand.noKey, change: .probe, isSynchronized: true) {
                    continuation.resume(returning: $0 == nil)
                })
        }
    }

    /// Notes that the agent stopped in good order. Nothing may be written afterwards.
    package func close() async {
        guard await writeProbe() else { return }
        try? writer.use { connection in try JournalShutdown.end(&connection) }
    }

    /// Uses the writing connection beside the commands.
    func useWriter<Result: Sendable>(_ body: @Sendable (inout SQLiteConnection) throws -> Result) throws -> Result {
        try writer.use(body)
    }

    /// Has something done on the writing thread, in its transaction.
    ///
    /// - Returns: nil when that was not possible.
    func onWriter<Value: Sendable>(
        _ body: @escaping @Sendable (inout SQLiteConnection) throws(SQLiteError) -> Value
    ) async -> Value? {
        let answer = JournalAnswer<Value>()
        let change = JournalCommand.Change.job(isHistory: false) { connection throws(SQLiteError) in
            answer.set(try body(&connection))
        }
        let isDone = (try? await write(JournalCommand.noKey, change, isSynchronized: false)) != nil
        return isDone ? answer.value : nil
    }

    /// A number that no undeliverable reply has had before.
    func nextUndeliverableID() -> Int64 {
        lastUndeliverable.withLock { last in
            last += 1
            return last
        }
    }

    /// Has something written of which nobody waits to hear.
    func add(_ change: JournalCommand.Change) {
        thread.add(JournalCommand(key: JournalCommand.noKey, change: change, isSynchronized: false, complete: nil))
    }

    func write(_ key: TaskKey, _ change: JournalCommand.Change, isSynchronized: Bool) async throws(SQLiteError) {
        let error: SQLiteError? = await withCheckedContinuation { continuation in
            thread.add(
                JournalCommand(key: key, change: change, isSynchronized: isSynchronized) {
                    continuation.resume(returning: $0)
                })
        }
        if let error { throw error }
    }
}
