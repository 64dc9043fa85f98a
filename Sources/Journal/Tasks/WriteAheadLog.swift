internal import AgentSabotage
internal import CSQLite

/// The file of a database's write-ahead log. What was committed without waiting for the disk is on it once ``synchronize()`` returns.
@safe struct WriteAheadLog: @unchecked Sendable {
    // SQLite's own sync of this file is one system call on its descriptor, so it may run beside a writing thread.
    private let file: UnsafeMutablePointer<sqlite3_file>

    init(_ file: UnsafeMutablePointer<sqlite3_file>) { unsafe self.file = unsafe file }

    func synchronize() throws(SQLiteError) {
        if Sabotage.isOn(.journalWithoutSync) { return }
        let code = SQLiteResultCode(rawValue: unsafe operative_sqlite3_sync(file))
        guard code == .ok else {
            throw SQLiteError(code: code, message: "the log cannot be synced to the disk", sql: nil)
        }
    }

    /// Reads exactly so many bytes.
    func read(_ count: Int, at offset: Int) throws(SQLiteError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let code = SQLiteResultCode(
            rawValue: unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe operative_sqlite3_read(file, buffer.baseAddress, Int32(count), Int64(offset))
            })
        guard code == .ok else { throw SQLiteError(code: code, message: "the log cannot be read", sql: nil) }
        return bytes
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(SQLiteError) {
        let code = SQLiteResultCode(
            rawValue: unsafe bytes.withUnsafeBytes { buffer in
                unsafe operative_sqlite3_write(file, buffer.baseAddress, Int32(buffer.count), Int64(offset))
            })
        guard code == .ok else { throw SQLiteError(code: code, message: "the log cannot be written", sql: nil) }
    }
}
