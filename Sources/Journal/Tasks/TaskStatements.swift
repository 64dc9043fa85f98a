internal import AgentRuntime

/// The statements that every task needs, prepared once.
struct TaskStatements {
    let begin: SQLiteStatement
    let commit: SQLiteStatement
    let insert: SQLiteStatement
    let start: SQLiteStatement
    let finish: SQLiteStatement
    let settle: SQLiteStatement
    let settlePlain: SQLiteStatement

    init(_ connection: borrowing SQLiteConnection) throws(SQLiteError) {
        begin = try connection.prepare("BEGIN IMMEDIATE")
        commit = try connection.prepare("COMMIT")
        insert = try connection.prepare(
            """
            INSERT INTO task (id, key, task_id, retry, run, state, name, execution_id, started_at, epoch, running, store_id)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        start = try connection.prepare("UPDATE task SET state = 1, running = 1, started_at = ? WHERE id = ?")
        finish = try connection.prepare(
            """
            UPDATE task SET state = 2, ended_at = ?, outcome_kind = ?, outcome = ?, delay = ?,
                reply_to = coalesce(reply_to, ?), correlation_id = coalesce(correlation_id, ?) WHERE id = ?
            """)
        settle = try connection.prepare(
            """
            UPDATE task SET state = 3, body = NULL, kept = 0,
                due_at = CASE outcome_kind WHEN \(StoredOutcome.retryKind) THEN ? + delay END
            WHERE id = ? AND outcome_kind IS NOT NULL
            """)
        // Touches no index.
        settlePlain = try connection.prepare("UPDATE task SET state = 3 WHERE id = ? AND outcome_kind IS NOT NULL")
    }
}
