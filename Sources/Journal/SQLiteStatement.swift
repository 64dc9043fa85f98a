import CSQLite

/// A statement that is prepared once and run many times. Binding cannot fail by itself: what could not be bound is
/// reported by the run.
@safe final class SQLiteStatement {
    let pointer: OpaquePointer
    private var refusal = SQLITE_OK
    private var boundBytes = 0

    /// What may stay bound after a run, so that it need not be cleared every time.
    private static let keptBytes = 64 << 10

    /// Takes the statement over.
    init(_ pointer: OpaquePointer) { unsafe self.pointer = unsafe pointer }

    deinit { unsafe sqlite3_finalize(pointer) }

    func bind(_ number: Int64, at index: Int32) { note(unsafe sqlite3_bind_int64(pointer, index, number)) }

    func bindNull(at index: Int32) { note(unsafe sqlite3_bind_null(pointer, index)) }

    func bind(_ text: String?, at index: Int32) {
        guard var text else { return bindNull(at: index) }
        let result = text.withUTF8 { buffer in
            boundBytes += buffer.count
            // A null pointer would mean NULL, and what is empty may come without a pointer.
            guard let start = buffer.baseAddress else {
                return unsafe operative_sqlite3_bind_text(pointer, index, "", 0)
            }
            return unsafe operative_sqlite3_bind_text(pointer, index, start, UInt64(buffer.count))
        }
        note(result)
    }

    func bind(_ bytes: [UInt8], at index: Int32) {
        boundBytes += bytes.count
        let result = unsafe bytes.withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress else { return unsafe sqlite3_bind_zeroblob(pointer, index, 0) }
            return unsafe operative_sqlite3_bind_blob(pointer, index, start, UInt64(buffer.count))
        }
        note(result)
    }

    func bind(_ value: SQLiteValue, at index: Int32) {
        switch value {
        case .null: bindNull(at: index)
        case .integer(let number): bind(number, at: index)
        case .text(let text): bind(text, at: index)
        case .blob(let bytes): bind(bytes, at: index)
        }
    }

    private func note(_ code: Int32) { if code != SQLITE_OK, refusal == SQLITE_OK { refusal = code } }

    /// Runs it to its end and calls `read` for every row.
    func run(reading read: (borrowing SQLiteRow) -> Void = { _ in }) throws(SQLiteError) {
        defer { reset() }
        guard refusal == SQLITE_OK else { throw failure(SQLiteResultCode(rawValue: refusal)) }
        while true {
            let code = unsafe sqlite3_step(pointer)
            if code == SQLITE_DONE { return }
            guard code == SQLITE_ROW else { throw failure(SQLiteResultCode(rawValue: code)) }
            read(unsafe SQLiteRow(pointer))
        }
    }

    /// Forgets what is bound.
    func clear() { unsafe sqlite3_clear_bindings(pointer) }

    private func reset() {
        refusal = SQLITE_OK
        unsafe sqlite3_reset(pointer)
        if boundBytes > Self.keptBytes { clear() }
        boundBytes = 0
    }

    private func failure(_ code: SQLiteResultCode) -> SQLiteError {
        let message = unsafe sqlite3_errmsg(sqlite3_db_handle(pointer)).map { unsafe String(cString: $0) } ?? "unknown"
        return SQLiteError(
            code: code, message: message, sql: unsafe sqlite3_sql(pointer).map { unsafe String(cString: $0) })
    }
}
