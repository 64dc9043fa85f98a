internal import AgentRuntime

/// Finds the row of a key where the index says that it may be.
enum TaskRow {
    private static let isKey = "task_id = ? AND retry = ? AND run = ?"

    static func find(
        _ key: TaskKey, _ candidates: KeyIndex.Candidates, _ connection: inout SQLiteConnection
    ) throws(SQLiteError) -> Int64? {
        for row in candidates.rows {
            let found = try connection.query(
                "SELECT id FROM task WHERE id = ? AND \(isKey)", [.integer(row)] + key.values
            ) { $0.integer(0) }
            if let row = found.first { return row }
        }
        guard candidates.mayBeFolded else { return nil }
        return try connection.query(
            """
            SELECT task.id FROM task_index JOIN task ON task.id = task_index.id WHERE task_index.key = ? AND \(isKey)
            ORDER BY task.id DESC LIMIT 1
            """, [.integer(key.stored)] + key.values
        ) { $0.integer(0) }.first
    }
}
