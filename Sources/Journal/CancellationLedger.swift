import Synchronization

/// Remembers which executions were cancelled, over restarts.
///
/// Every cancellation gets an *epoch*, a number that only grows. A task notes the current epoch when it arrives; a
/// cancellation of its execution with a larger epoch is meant for it, one with a smaller epoch was there before it and is
/// not, because a resumed execution keeps its id.
///
/// One that cannot be written, because the disk is full, holds for this process all the same and is written later. Its
/// epoch may already travel with a parked attempt when the process dies, so no later process may give it to another
/// cancellation: an epoch is the time in milliseconds, or one more than the last where that is not larger.
public final class CancellationLedger: Sendable {
    /// Identifies the database that numbers the epochs: after it is lost, numbers begin again and old ones mean nothing.
    public let storeID: String

    private let database: SQLiteDatabase
    private let now: @Sendable () -> Int64
    private let index: Mutex<Index>

    /// What a check needs to know, so that it never touches the disk.
    private struct Index: Sendable {
        var latest: [String: Int64] = [:]
        /// What is not on the disk yet, oldest first.
        var unwritten: [Cancellation] = []
        var epoch: Int64
        /// In milliseconds.
        var lastPruned: Int64
    }

    private struct Cancellation: Sendable {
        let epoch: Int64
        let executionID: String
        /// In seconds.
        let recordedAt: Int64
    }

    /// How long a cancellation is remembered: a day longer than the longest default wait for a retry.
    public static let retention: Duration = .seconds(31 * 86_400)
    private static let pruningInterval = Duration.seconds(3600)

    /// A ledger in the agent's database, see ``StateDatabase``.
    public convenience init(_ database: SQLiteDatabase) throws {
        try self.init(database, machine: .system)
    }

    /// - Parameter machine: Whose time it is.
    convenience init(_ database: SQLiteDatabase, machine: MachineClock) throws {
        let timeline = try database.use { connection throws(SQLiteError) in
            let newest = try connection.query("SELECT max(recorded_at) FROM cancellation") {
                $0.isNull(0) ? nil : $0.integer(0) * 1_000
            }
            return try Timeline.resume(&connection, newest: newest.first ?? nil, on: machine)
        }
        try self.init(database, now: { timeline.now })
    }

    /// - Parameter now: The time in milliseconds; must not go back over restarts.
    init(_ database: SQLiteDatabase, now: @escaping @Sendable () -> Int64) throws {
        self.database = database
        self.now = now
        let start = now()
        try Self.prune(database, now: start)
        let (storeID, epoch, latest) = try database.use { connection throws(SQLiteError) in
            let storeID = try connection.query("SELECT id FROM store") { $0.text(0) }.first
            let epoch = try connection.query("SELECT seq FROM sqlite_sequence WHERE name = 'cancellation'") {
                $0.integer(0)
            }.first
            let latest = try connection.query(
                "SELECT execution_id, MAX(epoch) FROM cancellation GROUP BY execution_id"
            ) { ($0.text(0), $0.integer(1)) }
            return (storeID, epoch ?? 0, latest)
        }
        guard let storeID else {
            throw JournalError(
                .damaged, "\(database.path) has lost its identity; move it away and start the agent again")
        }
        self.storeID = storeID
        let pairs = Dictionary(latest, uniquingKeysWith: max)
        index = Mutex(Index(latest: pairs, epoch: epoch, lastPruned: start))
    }

    /// The number of the latest cancellation of any execution, 0 when there never was one.
    public var currentEpoch: Int64 {
        index.withLock(\.epoch)
    }

    /// Of how many executions it is remembered that they were cancelled.
    public var count: Int {
        index.withLock(\.latest.count)
    }

    /// Whether an execution was cancelled after the epoch.
    ///
    /// - Parameter epoch: What ``currentEpoch`` was when the task arrived.
    public func isCancelled(executionID: String, after epoch: Int64) -> Bool {
        index.withLock { index in
            guard let latest = index.latest[executionID] else { return false }
            return latest > epoch
        }
    }

    /// Writes a cancellation to the disk, and those before it that could not be written.
    ///
    /// - Returns: Its epoch.
    /// - Throws: When it cannot be written. It holds all the same for as long as this process lives, see ``writeRemembered()``.
    @discardableResult
    public func record(executionID: String) throws -> Int64 {
        let time = now()
        let epoch = index.withLock { index in
            index.epoch = max(index.epoch + 1, time)
            index.latest[executionID] = index.epoch
            index.unwritten.append(
                Cancellation(epoch: index.epoch, executionID: executionID, recordedAt: time / 1_000))
            return index.epoch
        }
        try writeRemembered()
        let shouldPrune = index.withLock { index in
            guard time - index.lastPruned >= Self.pruningInterval.wholeMilliseconds else { return false }
            index.lastPruned = time
            return true
        }
        // What cannot be forgotten now is forgotten the next time.
        if shouldPrune { try? pruneAll(now: time) }
        return epoch
    }

    /// Writes the cancellations that are only in memory; does nothing when there are none.
    public func writeRemembered() throws {
        guard index.withLock({ !$0.unwritten.isEmpty }) else { return }
        let written = try database.transaction { connection in
            let unwritten = index.withLock(\.unwritten)
            for cancellation in unwritten {
                // Somebody else may have written it a moment ago.
                try connection.run(
                    "INSERT OR IGNORE INTO cancellation (epoch, execution_id, recorded_at) VALUES (?, ?, ?)",
                    [
                        .integer(cancellation.epoch), .text(cancellation.executionID),
                        .integer(cancellation.recordedAt),
                    ])
            }
            return unwritten.last?.epoch ?? 0
        }
        index.withLock { index in index.unwritten.removeAll { $0.epoch <= written } }
    }

    private func pruneAll(now: Int64) throws {
        try Self.prune(database, now: now)
        // With no row left, everything up to the last epoch goes, but nothing that is recorded at this moment.
        let kept = try database.use { connection throws(SQLiteError) in
            try connection.query(
                """
                SELECT COALESCE(
                    (SELECT MIN(epoch) FROM cancellation),
                    (SELECT seq + 1 FROM sqlite_sequence WHERE name = 'cancellation'))
                """
            ) { $0.integer(0) }
        }
        guard let oldest = kept.first else { return }
        index.withLock { index in
            index.latest = index.latest.filter { $0.value >= oldest }
        }
    }

    private static func prune(_ database: SQLiteDatabase, now: Int64) throws {
        try database.use { connection throws(SQLiteError) in
            try connection.run(
                "DELETE FROM cancellation WHERE recorded_at < ?", [.integer(now / 1_000 - retention.components.seconds)]
            )
        }
    }
}
