/// A value that goes into a statement.
public enum SQLiteValue: Sendable, Hashable {
    /// SQL's NULL.
    case null
    /// A whole number.
    case integer(Int64)
    /// A text; stored as UTF-8.
    case text(String)
    /// Bytes.
    case blob([UInt8])
}
