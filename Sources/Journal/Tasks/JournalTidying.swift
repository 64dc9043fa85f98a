/// Forgets what the limits do not allow to be remembered any more.
enum JournalTidying {
    /// Rows that are deleted in one transaction, so that none takes long.
    private static let portion: Int64 = 2_000
    /// Once over the limit, so much of it is made free, so that tidying pays off.
    private static let target = 0.9

    static func run(_ connection: inout SQLiteConnection, limits: JournalLimits, now: Int64) throws {
        let horizon = now - limits.window.wholeMilliseconds
        // A start whose message the broker lost would stay for ever, and so would an attempt that came back to another agent of a shared queue.
        try connection.run(
            """
            DELETE FROM task WHERE id IN (
                SELECT id FROM task WHERE id <= (SELECT min(id) + \(portion) FROM task)
                AND kept = 0 AND (due_at IS NULL OR due_at < ?1) AND coalesce(ended_at, started_at) < ?1)
            """, [.integer(horizon)])
        _ = try connection.query("PRAGMA incremental_vacuum(256)") { _ in () }
        guard try usedBytes(&connection) > limits.maximumBytes else { return }
        let goal = Int64(Double(limits.maximumBytes) * target)
        repeat {
            try connection.run(
                """
                DELETE FROM task WHERE id IN (
                    SELECT id FROM task WHERE state = \(JournalState.settled.rawValue) AND due_at IS NULL
                    ORDER BY id LIMIT \(portion))
                """)
        } while try connection.changes > 0 && usedBytes(&connection) > goal
    }

    /// What rows and indexes take, without pages that are free already.
    static func usedBytes(_ connection: inout SQLiteConnection) throws -> Int64 {
        let pages = try connection.query("PRAGMA page_count") { $0.integer(0) }.first ?? 0
        let free = try connection.query("PRAGMA freelist_count") { $0.integer(0) }.first ?? 0
        let size = try connection.query("PRAGMA page_size") { $0.integer(0) }.first ?? 4096
        return (pages - free) * size
    }
}
