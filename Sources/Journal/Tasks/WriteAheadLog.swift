internal import CSQLite

/// The file of a database's write-ahead log. What was committed without waiting for the disk is on it once ``synchronize()`` returns.
@safe struct WriteAheadLog: @unchecked Sendable {
    // SQLite's own sync of this file is one system call on its descriptor, so it may run beside a writing thread.
    private let file: UnsafeMutablePointer<sqlite3_file>

    init(_ file: UnsafeMutablePointer<sqlite3_file>) { unsafe self.file = unsafe file }

    func synchronize() throws(SQLiteError) {
        let code = SQLiteResultCode(rawValue: unsafe operative_sqlite3_sync(file))
        guard code == .ok else {
            throw SQLiteError(code: code, message: "the log cannot be synced to the disk", sql: nil)
        }
    }
}
