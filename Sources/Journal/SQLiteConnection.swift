import CSQLite

/// One open database file and its prepared statements. Reached only through ``SQLiteDatabase``, which lets one thread in
/// at a time.
@safe public struct SQLiteConnection: ~Copyable {
    private let handle: OpaquePointer
    /// Statements are prepared once. The number of different texts is small and fixed: none is made from data.
    private var statements: [String: SQLiteStatement] = [:]

    /// How long a statement waits for another process that holds the database, in milliseconds.
    private static let busyTimeout: Int32 = 5000

    /// Evaluated once, before the first database is opened.
    private static let isConfigured = operative_sqlite3_count_no_memory() == SQLITE_OK

    /// - Parameter disk: the name of a VFS; nil for SQLite's own.
    init(path: String, isReadOnly: Bool = false, disk: String? = nil) throws(SQLiteError) {
        // Without it everything works as well, only slower.
        _ = Self.isConfigured
        var handle: OpaquePointer?
        let access = isReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        // The wrapper lets one thread in at a time, so SQLite's own locks are not needed.
        let flags = access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let code = SQLiteResultCode(rawValue: unsafe sqlite3_open_v2(path, &handle, flags, disk))
        guard code == .ok, let handle = unsafe handle else {
            let message = unsafe handle.map { unsafe String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            unsafe sqlite3_close_v2(handle)
            throw SQLiteError(code: code, message: "\(path): \(message)", sql: nil)
        }
        unsafe self.handle = handle
        unsafe sqlite3_busy_timeout(handle, Self.busyTimeout)
    }

    deinit {
        // Statements that still live keep the file open until they are finalized, which happens right after this.
        unsafe sqlite3_close_v2(handle)
    }

    /// How many rows the last INSERT, UPDATE or DELETE changed.
    public var changes: Int { Int(unsafe sqlite3_changes(handle)) }

    /// The row id the last INSERT made.
    public var lastInsertedID: Int64 { unsafe sqlite3_last_insert_rowid(handle) }

    /// Runs a statement and hands out its rows.
    ///
    /// - Parameters:
    ///   - sql: One statement with `?` for each value. Never put data into the text.
    ///   - values: What the question marks stand for.
    ///   - read: Called for every row.
    public mutating func query<Value>(
        _ sql: String,
        _ values: [SQLiteValue] = [],
        read: (borrowing SQLiteRow) -> Value
    ) throws(SQLiteError) -> [Value] {
        let statement = try prepared(sql)
        for (index, value) in values.enumerated() { statement.bind(value, at: Int32(index + 1)) }
        var result: [Value] = []
        // Nothing stays bound: this is for statements that run now and then.
        defer { statement.clear() }
        try statement.run { row in result.append(read(row)) }
        return result
    }

    /// Runs a statement that yields no rows of interest.
    public mutating func run(_ sql: String, _ values: [SQLiteValue] = []) throws(SQLiteError) {
        _ = try query(sql, values) { _ in () }
    }

    /// Runs `body` within a transaction, which is undone when it throws.
    mutating func transaction(
        _ body: (inout SQLiteConnection) throws(SQLiteError) -> Void
    ) throws(SQLiteError) {
        try run("BEGIN IMMEDIATE")
        do throws(SQLiteError) {
            try body(&self)
            try run("COMMIT")
        } catch {
            // Some errors have ended the transaction already; then there is nothing to undo.
            try? run("ROLLBACK")
            throw error
        }
    }

    /// Runs several statements separated by semicolons, such as a schema.
    func runScript(_ sql: String) throws(SQLiteError) {
        let code = SQLiteResultCode(rawValue: unsafe sqlite3_exec(handle, sql, nil, nil, nil))
        guard code == .ok else { throw failure(code, sql: sql) }
    }

    /// The write-ahead log, to be synced on another thread; nil before the first transaction. Lives as long as this connection.
    var writeAheadLog: WriteAheadLog? {
        unsafe operative_sqlite3_wal_file(handle).map { unsafe WriteAheadLog($0) }
    }

    /// How far the write-ahead log goes. To be asked while nobody writes.
    func writeAheadLogEnd() throws(SQLiteError) -> WriteAheadLog.End {
        var index = operative_wal_index()
        let code = SQLiteResultCode(rawValue: unsafe operative_sqlite3_wal_index(handle, &index))
        guard code == .ok else { throw SQLiteError(code: code, message: "the log's index cannot be read", sql: nil) }
        return WriteAheadLog.End(index)
    }

    /// Leaves moving the log into the database file to ``checkpoint()``, which reports errors; SQLite's own does not.
    mutating func takeOverCheckpoints() throws(SQLiteError) {
        _ = try query("PRAGMA wal_autocheckpoint = 0") { _ in () }
        let code = SQLiteResultCode(rawValue: unsafe operative_sqlite3_keep_log_on_close(handle))
        guard code == .ok else { throw SQLiteError(code: code, message: "the log cannot be kept", sql: nil) }
    }

    /// Moves what is in the write-ahead log into the database file, as far as readers allow.
    ///
    /// - Returns: whether all of it was moved, so that the next transaction begins the log anew.
    func checkpoint() throws(SQLiteError) -> Bool {
        var frames: Int32 = 0
        var moved: Int32 = 0
        let code = SQLiteResultCode(
            rawValue: unsafe sqlite3_wal_checkpoint_v2(handle, "main", SQLITE_CHECKPOINT_PASSIVE, &frames, &moved))
        guard code == .ok else { throw failure(code, sql: "checkpoint") }
        return moved == frames
    }

    private mutating func prepared(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
        if let statement = statements[sql] { return statement }
        let statement = try prepare(sql)
        statements[sql] = statement
        return statement
    }

    /// Prepares a statement for whoever runs it often and keeps it. It must be used where the connection is used.
    func prepare(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
        var statement: OpaquePointer?
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        let code = SQLiteResultCode(rawValue: unsafe sqlite3_prepare_v3(handle, sql, -1, flags, &statement, nil))
        guard code == .ok, let statement = unsafe statement else { throw failure(code, sql: sql) }
        return unsafe SQLiteStatement(statement)
    }

    private func failure(_ code: SQLiteResultCode, sql: String) -> SQLiteError {
        let message = unsafe sqlite3_errmsg(handle).map { unsafe String(cString: $0) } ?? "unknown"
        return SQLiteError(code: code, message: message, sql: sql)
    }
}
