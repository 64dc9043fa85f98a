import CSQLite

/// One open database file and its prepared statements. Reached only through ``SQLiteDatabase``, which lets one thread in
/// at a time.
@safe public struct SQLiteConnection: ~Copyable {
    private let handle: OpaquePointer
    /// Statements are prepared once. The number of different texts is small and fixed: none is made from data.
    private var statements: [String: PreparedStatement] = [:]

    /// How long a statement waits for another process that holds the database, in milliseconds.
    private static let busyTimeout: Int32 = 5000

    /// Evaluated once, before the first database is opened.
    private static let isConfigured = operative_sqlite3_count_no_memory() == SQLITE_OK

    init(path: String, isReadOnly: Bool = false) throws(SQLiteError) {
        // Without it everything works as well, only slower.
        _ = Self.isConfigured
        var handle: OpaquePointer?
        let access = isReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        // The wrapper lets one thread in at a time, so SQLite's own locks are not needed.
        let flags = access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let code = SQLiteResultCode(rawValue: unsafe sqlite3_open_v2(path, &handle, flags, nil))
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
        let statement = try unsafe prepared(sql)
        defer {
            unsafe sqlite3_reset(statement)
            unsafe sqlite3_clear_bindings(statement)
        }
        for (index, value) in values.enumerated() {
            try unsafe bind(value, at: Int32(index + 1), of: statement, sql: sql)
        }
        var result: [Value] = []
        while true {
            switch SQLiteResultCode(rawValue: unsafe sqlite3_step(statement)) {
            case .row: result.append(read(unsafe SQLiteRow(statement)))
            case .done: return result
            case let code: throw failure(code, sql: sql)
            }
        }
    }

    /// Runs a statement that yields no rows of interest.
    public mutating func run(_ sql: String, _ values: [SQLiteValue] = []) throws(SQLiteError) {
        _ = try query(sql, values) { _ in () }
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

    private mutating func prepared(_ sql: String) throws(SQLiteError) -> OpaquePointer {
        if let statement = statements[sql] { return unsafe statement.pointer }
        var statement: OpaquePointer?
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        let code = SQLiteResultCode(rawValue: unsafe sqlite3_prepare_v3(handle, sql, -1, flags, &statement, nil))
        guard code == .ok, let statement = unsafe statement else { throw failure(code, sql: sql) }
        statements[sql] = unsafe PreparedStatement(statement)
        return unsafe statement
    }

    private func bind(
        _ value: SQLiteValue,
        at index: Int32,
        of statement: OpaquePointer,
        sql: String
    ) throws(SQLiteError) {
        let result: Int32
        switch value {
        case .null:
            result = unsafe sqlite3_bind_null(statement, index)
        case .integer(let number):
            result = unsafe sqlite3_bind_int64(statement, index, number)
        case .text(let text):
            // A null pointer would mean NULL, and what is empty may come without a pointer.
            result = unsafe Array(text.utf8).withUnsafeBytes { buffer in
                guard let start = buffer.baseAddress else {
                    return unsafe operative_sqlite3_bind_text(statement, index, "", 0)
                }
                return unsafe operative_sqlite3_bind_text(statement, index, start, UInt64(buffer.count))
            }
        case .blob(let bytes):
            result = unsafe bytes.withUnsafeBytes { buffer in
                guard let start = buffer.baseAddress else { return unsafe sqlite3_bind_zeroblob(statement, index, 0) }
                return unsafe operative_sqlite3_bind_blob(statement, index, start, UInt64(buffer.count))
            }
        }
        let code = SQLiteResultCode(rawValue: result)
        guard code == .ok else { throw failure(code, sql: sql) }
    }

    private func failure(_ code: SQLiteResultCode, sql: String) -> SQLiteError {
        let message = unsafe sqlite3_errmsg(handle).map { unsafe String(cString: $0) } ?? "unknown"
        return SQLiteError(code: code, message: message, sql: sql)
    }
}

/// Finalizes a statement with its last reference.
@safe private final class PreparedStatement {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe sqlite3_finalize(pointer)
    }
}
