/// What SQLite refused to do.
public struct SQLiteError: Error, Sendable, Hashable, CustomStringConvertible {
    /// SQLite's result code.
    public let code: SQLiteResultCode
    /// SQLite's own words.
    public let message: String
    /// The statement, without its values, when there is one.
    public let sql: String?

    /// One line with everything; no values that were bound.
    public var description: String {
        let statement = sql.map { " in: \($0)" } ?? ""
        return "database: \(message), \(code)\(statement)"
    }
}
