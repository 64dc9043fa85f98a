import CSQLite

/// The current row of a statement. Columns are counted from 0; a column that does not exist reads as nothing.
@safe public struct SQLiteRow: ~Copyable {
    private let statement: OpaquePointer

    /// The statement must stay on its row while the value is used; ``SQLiteConnection`` sees to that.
    init(_ statement: OpaquePointer) {
        unsafe self.statement = statement
    }

    /// A whole number; 0 for NULL.
    public func integer(_ column: Int32) -> Int64 {
        unsafe sqlite3_column_int64(statement, column)
    }

    /// A text; empty for NULL.
    public func text(_ column: Int32) -> String {
        guard let start = unsafe sqlite3_column_text(statement, column) else { return "" }
        let count = Int(unsafe sqlite3_column_bytes(statement, column))
        return unsafe String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// Bytes; empty for NULL.
    public func blob(_ column: Int32) -> [UInt8] {
        guard let start = unsafe sqlite3_column_blob(statement, column) else { return [] }
        let count = Int(unsafe sqlite3_column_bytes(statement, column))
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// Whether the value is NULL.
    public func isNull(_ column: Int32) -> Bool {
        unsafe sqlite3_column_type(statement, column) == SQLITE_NULL
    }
}
