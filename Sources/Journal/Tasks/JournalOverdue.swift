internal import AgentRuntime

/// Attempts that the broker should have handed back.
enum JournalOverdue {
    /// How late an attempt may be before it is parked again: a busy agent is no reason to. Doubles every time.
    static let patience = Duration.seconds(300)
    private static let portion = 1_000

    /// Names those that are overdue, and not again before their next turn. The caller sees to the transaction.
    static func take(_ connection: inout SQLiteConnection, now: Int64) throws(SQLiteError) -> [OverdueAttempt] {
        let late = now - patience.wholeMilliseconds
        let found = try connection.query(
            """
            SELECT \(StoredTask.columns), outcome, id FROM task WHERE due_at IS NOT NULL AND due_at < ?
            ORDER BY due_at LIMIT \(portion)
            """, [.integer(late)]
        ) { row in
            let task = StoredTask.task(row)
            let attempt = ParkedAttempt(
                body: row.blob(StoredTask.columnCount), replyTo: task.replyTo, correlationID: task.correlationID,
                answersCancellation: task.answersCancellation, delay: .zero, mark: task.mark)
            return (OverdueAttempt(key: StoredTask.key(row), attempt: attempt), row.integer(StoredTask.columnCount + 1))
        }
        for (_, id) in found {
            try connection.run(
                """
                UPDATE task SET overdue_count = overdue_count + 1,
                    due_at = ? + \(patience.wholeMilliseconds) * (1 << min(overdue_count, 10)) WHERE id = ?
                """, [.integer(late), .integer(id)])
        }
        return found.map(\.0)
    }
}
