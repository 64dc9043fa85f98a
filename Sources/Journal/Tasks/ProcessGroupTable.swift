/// The statements of the table `process_group`. The caller sees to the transaction.
enum ProcessGroupTable {
    static let migration = """
        CREATE TABLE process_group (
            pid INTEGER NOT NULL,
            start_time INTEGER NOT NULL,
            boot TEXT NOT NULL,
            owner TEXT NOT NULL,
            PRIMARY KEY (pid, start_time, boot)
        ) WITHOUT ROWID
        """

    static let sessionMigration = "ALTER TABLE process_group ADD COLUMN session INTEGER"

    static func add(_ row: ProcessGroupRow, _ connection: inout SQLiteConnection) throws(SQLiteError) {
        try connection.run(
            "INSERT OR REPLACE INTO process_group (pid, start_time, boot, owner, session) VALUES (?, ?, ?, ?, ?)",
            [
                .integer(Int64(row.pid)), .integer(row.startTime), .text(row.boot), .text(row.owner),
                row.session.map { .integer(Int64($0)) } ?? .null,
            ])
    }

    static func remove(_ row: ProcessGroupRow, _ connection: inout SQLiteConnection) throws(SQLiteError) {
        try connection.run(
            "DELETE FROM process_group WHERE pid = ? AND start_time = ? AND boot = ?",
            [.integer(Int64(row.pid)), .integer(row.startTime), .text(row.boot)])
    }

    static func all(_ connection: inout SQLiteConnection) throws(SQLiteError) -> [ProcessGroupRow] {
        try connection.query(
            "SELECT pid, start_time, boot, owner, session FROM process_group ORDER BY boot, start_time, pid"
        ) {
            ProcessGroupRow(
                pid: Int32(truncatingIfNeeded: $0.integer(0)), startTime: $0.integer(1), boot: $0.text(2),
                owner: $0.text(3),
                session: $0.isNull(4) ? nil : Int32(truncatingIfNeeded: $0.integer(4)))
        }
    }
}
