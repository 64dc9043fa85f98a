internal import AgentRuntime

/// Forgets what the limits do not allow to be remembered any more, slice by slice: between two of them whoever waits for the journal gets their turn.
struct JournalTidying {
    /// Rows that one slice looks at.
    static let rowsPerSlice = 500
    /// What the rows that a slice deletes may hold together; one row may hold more.
    private static let bytesPerSlice = 1 << 20
    /// After so many slices that found nothing, the search for expired rows waits for its next turn, and goes on where it was.
    private static let fruitlessSlices = 8
    /// What undeliverable replies may take of the journal's size, so that they never leave too little for outcomes.
    private static let replyShare: Int64 = 4
    /// Once over the limit, so much of it is made free, so that tidying pays off.
    private static let target = 0.9

    private enum Step {
        case window
        case replies
        case space
        case measure
        case size
    }

    private struct Slice {
        var last: Int64?
        var deleted = 0
        /// What was deleted.
        var forgotten: [KeyIndex.Entry] = []
        /// No row in it has ended, or begun, before the horizon.
        var isYoung = true
    }

    /// A start whose message the broker lost would stay for ever, and so would an attempt that came back to another agent of a shared queue.
    /// What this process has started may still run.
    private static let isExpired = """
        kept = 0 AND (due_at IS NULL OR due_at < ?1) AND coalesce(ended_at, started_at, 0) < ?1
        AND NOT (state = 1 AND running = 1)
        """
    private static let isSettled = "state = 3 AND due_at IS NULL AND ?1 IS NOT NULL"

    private var step: Step?
    /// The search goes on behind this row: what must be kept for long, however much it is, hides nothing behind it.
    private var searched: Int64 = .min
    private var fruitless = 0
    /// Settled rows up to this one have been looked at to get below the size.
    private var shrunk: Int64 = .min

    var isUnderWay: Bool { step != nil }

    mutating func begin() {
        step = .window
        fruitless = 0
    }

    /// Does a little more of it. An error ends it until it is begun anew.
    ///
    /// - Parameter onForgotten: told of the rows of tasks that are gone.
    /// - Returns: the replies that will never be delivered now.
    mutating func slice(
        _ connection: inout SQLiteConnection, limits: JournalLimits, now: Int64,
        onForgotten: ([KeyIndex.Entry]) -> Void = { _ in }
    ) throws(SQLiteError) -> LostReplies {
        guard let current = step else { return LostReplies() }
        step = nil
        let horizon = now - limits.window.wholeMilliseconds
        switch current {
        case .window: step = try forgetExpired(&connection, horizon: horizon, onForgotten)
        case .replies:
            let lost = try UndeliverableTable.tidy(
                &connection, horizon: horizon, maximumBytes: limits.maximumBytes / Self.replyShare)
            step = lost.count > 0 ? .replies : .space
            return lost
        case .space:
            _ = try connection.query("PRAGMA incremental_vacuum(256)") { _ in () }
            step = .measure
        case .measure:
            shrunk = .min
            step = try Self.usedBytes(&connection) > limits.maximumBytes ? .size : nil
        case .size:
            let goal = Int64(Double(limits.maximumBytes) * Self.target)
            step = try forgetSettled(&connection, goal: goal, onForgotten)
        }
        return LostReplies()
    }

    private mutating func forgetExpired(
        _ connection: inout SQLiteConnection, horizon: Int64, _ onForgotten: ([KeyIndex.Entry]) -> Void
    ) throws(SQLiteError) -> Step {
        let slice = try Self.delete(Self.isExpired, behind: searched, horizon: horizon, &connection)
        onForgotten(slice.forgotten)
        fruitless = slice.deleted > 0 ? 0 : fruitless + 1
        guard let last = slice.last, !slice.isYoung else {
            // The end, or rows behind which there are only younger ones.
            searched = .min
            return .replies
        }
        searched = last
        return fruitless < Self.fruitlessSlices ? .window : .replies
    }

    private mutating func forgetSettled(
        _ connection: inout SQLiteConnection, goal: Int64, _ onForgotten: ([KeyIndex.Entry]) -> Void
    ) throws(SQLiteError) -> Step? {
        let slice = try Self.delete(Self.isSettled, behind: shrunk, horizon: 0, &connection)
        onForgotten(slice.forgotten)
        guard let last = slice.last else { return nil }
        shrunk = last
        return try Self.usedBytes(&connection) > goal ? .size : nil
    }

    /// Looks at the next rows and deletes those that match.
    private static func delete(
        _ condition: String, behind row: Int64, horizon: Int64, _ connection: inout SQLiteConnection
    ) throws(SQLiteError) -> Slice {
        let found = try connection.query(
            """
            SELECT id, \(condition), coalesce(length(outcome), 0) + coalesce(length(body), 0),
                coalesce(ended_at, started_at, 0) >= ?1
            FROM task WHERE id > ?2 ORDER BY id LIMIT \(rowsPerSlice)
            """, [.integer(horizon), .integer(row)]
        ) { row in
            (id: row.integer(0), isOver: row.integer(1) != 0, bytes: row.integer(2), isYoung: row.integer(3) != 0)
        }
        var slice = Slice()
        var bytes: Int64 = 0
        for row in found {
            if row.isOver {
                bytes += row.bytes
                guard bytes <= bytesPerSlice || slice.deleted == 0 else { break }
                slice.deleted += 1
            }
            slice.last = row.id
            slice.isYoung = slice.isYoung && row.isYoung
        }
        guard slice.deleted > 0, let last = slice.last else { return slice }
        slice.forgotten = try connection.query(
            "DELETE FROM task WHERE id > ?2 AND id <= ?3 AND \(condition) RETURNING key, id",
            [.integer(horizon), .integer(row), .integer(last)]
        ) { KeyIndex.Entry(key: $0.integer(0), row: $0.integer(1)) }
        return slice
    }

    /// What rows and indexes take, without pages that are free already.
    static func usedBytes(_ connection: inout SQLiteConnection) throws(SQLiteError) -> Int64 {
        let pages = try connection.query("PRAGMA page_count") { $0.integer(0) }.first ?? 0
        let free = try connection.query("PRAGMA freelist_count") { $0.integer(0) }.first ?? 0
        let size = try connection.query("PRAGMA page_size") { $0.integer(0) }.first ?? 4096
        return (pages - free) * size
    }
}
