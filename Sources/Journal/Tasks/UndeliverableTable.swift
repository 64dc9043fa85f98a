internal import AgentRuntime

/// The statements of the table `undeliverable`. The caller sees to the transaction.
enum UndeliverableTable {
    /// Rows that are deleted at a time. They are rare, and large at most by the size of a reply.
    private static let portion = 100

    /// The highest number that a row has ever had.
    static func lastID(_ connection: inout SQLiteConnection) throws(SQLiteError) -> Int64 {
        try connection.query("SELECT seq FROM sqlite_sequence WHERE name = 'undeliverable'") { $0.integer(0) }.first
            ?? 0
    }

    /// Keeps a reply. The very same one, told again to a copy of its task, takes the place of the first.
    static func keep(
        _ kept: UndeliverableReply, as id: Int64, now: Int64, _ connection: inout SQLiteConnection
    ) throws(SQLiteError) {
        let reply = kept.reply
        try connection.run(
            "DELETE FROM undeliverable WHERE reply_to = ? AND correlation_id IS ? AND body = ?",
            [.text(reply.address), .optional(reply.correlationID), .blob(reply.body)])
        try connection.run(
            """
            INSERT INTO undeliverable (
                id, task_id, reply_to, correlation_id, has_late_records, reason, kept_at, size, body)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .integer(id), .optional(kept.taskID), .text(reply.address), .optional(reply.correlationID),
                .integer(reply.hasLateRecords ? 1 : 0), .text(kept.reason.rawValue), .integer(now),
                .integer(Int64(reply.body.count)), .blob(reply.body),
            ])
    }

    static func remove(_ id: Int64, _ connection: inout SQLiteConnection) throws(SQLiteError) {
        try connection.run("DELETE FROM undeliverable WHERE id = ?", [.integer(id)])
    }

    /// Those that are worth another try, oldest first.
    static func undelivered(
        _ connection: inout SQLiteConnection, after id: Int64, limit: Int
    ) throws(SQLiteError) -> [KeptReply] {
        try connection.query(
            """
            SELECT id, reply_to, correlation_id, has_late_records, body FROM undeliverable
            WHERE reason = '\(UndeliverableReply.Reason.unroutable.rawValue)' AND id > ? ORDER BY id LIMIT ?
            """, [.integer(id), .integer(Int64(limit))]
        ) { row in
            KeptReply(
                id: UndeliverableRow.key(row.integer(0)),
                reply: OutgoingReply(
                    address: row.text(1), correlationID: row.isNull(2) ? nil : row.text(2), body: row.blob(4),
                    hasLateRecords: row.integer(3) != 0))
        }
    }

    /// Forgets some of what is too old or too much.
    static func tidy(
        _ connection: inout SQLiteConnection, horizon: Int64, maximumBytes: Int64
    ) throws(SQLiteError) -> LostReplies {
        try connection.run(
            """
            DELETE FROM undeliverable WHERE id IN (
                SELECT id FROM undeliverable WHERE kept_at < ? ORDER BY kept_at LIMIT \(portion))
            """, [.integer(horizon)])
        var lost = LostReplies(expired: connection.changes)
        let sum = "SELECT coalesce(sum(size), 0) FROM undeliverable"
        guard lost.count == 0, let bytes = try connection.query(sum, read: { $0.integer(0) }).first,
            bytes > maximumBytes
        else { return lost }
        // As many of the oldest as are too much, but no more than one portion.
        try connection.run(
            """
            DELETE FROM undeliverable WHERE id IN (
                SELECT id FROM (
                    SELECT id, sum(size) OVER (ORDER BY kept_at, id) - size AS older
                    FROM (SELECT id, kept_at, size FROM undeliverable ORDER BY kept_at, id LIMIT \(portion)))
                WHERE older < ?)
            """, [.integer(bytes - maximumBytes)])
        lost.displaced = connection.changes
        return lost
    }
}
