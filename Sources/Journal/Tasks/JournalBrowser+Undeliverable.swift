extension JournalBrowser {
    private static let undeliverableColumns = "id, task_id, reply_to, correlation_id, reason, kept_at, body"

    /// The newest undeliverable replies, newest first.
    package mutating func undeliverable(limit: Int) throws -> [UndeliverableRow] {
        guard hasUndeliverable else { return [] }
        return try connection.query(
            "SELECT \(Self.undeliverableColumns) FROM undeliverable ORDER BY id DESC LIMIT ?",
            [.integer(Int64(limit))], read: undeliverableReader)
    }

    /// The undeliverable reply with this number, or those to this task or with this correlation id; oldest first.
    package mutating func undeliverable(named key: String) throws -> [UndeliverableRow] {
        guard hasUndeliverable else { return [] }
        let ofTask = try connection.query(
            """
            SELECT \(Self.undeliverableColumns) FROM undeliverable WHERE task_id = ?1 OR correlation_id = ?1 ORDER BY id
            """, [.text(key)], read: undeliverableReader)
        guard ofTask.isEmpty, let id = UndeliverableRow.id(of: key) else { return ofTask }
        return try connection.query(
            "SELECT \(Self.undeliverableColumns) FROM undeliverable WHERE id = ?", [.integer(id)],
            read: undeliverableReader)
    }

    private var undeliverableReader: (borrowing SQLiteRow) -> UndeliverableRow {
        { [shift] row in Self.undeliverableRow(row, shift) }
    }

    private static func undeliverableRow(_ row: borrowing SQLiteRow, _ shift: Int64) -> UndeliverableRow {
        UndeliverableRow(
            id: UndeliverableRow.key(row.integer(0)), taskID: row.isNull(1) ? nil : row.text(1), replyTo: row.text(2),
            correlationID: row.isNull(3) ? nil : row.text(3), reason: row.text(4), keptAt: row.integer(5) + shift,
            body: row.blob(6))
    }
}
