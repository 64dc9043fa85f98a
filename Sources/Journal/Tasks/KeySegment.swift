/// The keys of rows that are in the table `task_index`, as a filter: one row of the table `task_filter`.
struct KeySegment: Sendable {
    /// The rows it speaks for.
    let firstRow: Int64
    var lastRow: Int64
    var filter: KeyFilter

    /// All segments of a journal, oldest first.
    static func load(_ connection: inout SQLiteConnection) throws -> [KeySegment] {
        let found = try connection.query("SELECT first_id, last_id, count, bits FROM task_filter ORDER BY first_id") {
            row in
            KeyFilter(bytes: row.blob(3), count: Int(clamping: row.integer(2))).map { filter in
                KeySegment(firstRow: row.integer(0), lastRow: row.integer(1), filter: filter)
            }
        }
        let segments = found.compactMap { $0 }
        guard segments.count == found.count else {
            throw JournalError(.damaged, "a filter of the journal has a wrong size")
        }
        return segments
    }

    /// Removes the segments of which no row is left.
    ///
    /// - Returns: the first rows of those that stay.
    static func forgetEmpty(_ connection: inout SQLiteConnection) throws(SQLiteError) -> Set<Int64> {
        try connection.run(
            """
            DELETE FROM task_filter
                WHERE NOT EXISTS (SELECT 1 FROM task WHERE task.id BETWEEN task_filter.first_id AND task_filter.last_id)
            """)
        return Set(try connection.query("SELECT first_id FROM task_filter") { $0.integer(0) })
    }

    func store(_ connection: inout SQLiteConnection) throws(SQLiteError) {
        try connection.run(
            "INSERT OR REPLACE INTO task_filter (first_id, last_id, count, bits) VALUES (?, ?, ?, ?)",
            [.integer(firstRow), .integer(lastRow), .integer(Int64(filter.count)), .blob(filter.bytes)])
    }
}
