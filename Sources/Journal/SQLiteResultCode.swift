import CSQLite

/// A result code of SQLite. Extended codes compare equal to their primary code with `~=`.
public struct SQLiteResultCode: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The number SQLite uses, extended codes included.
    public let rawValue: Int32

    /// A code from its number.
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// Success.
    public static let ok = SQLiteResultCode(rawValue: SQLITE_OK)
    /// A row is ready.
    public static let row = SQLiteResultCode(rawValue: SQLITE_ROW)
    /// A statement has run to its end.
    public static let done = SQLiteResultCode(rawValue: SQLITE_DONE)
    /// An unspecific error, for example wrong SQL.
    public static let error = SQLiteResultCode(rawValue: SQLITE_ERROR)
    /// Somebody else holds the database longer than the busy timeout.
    public static let busy = SQLiteResultCode(rawValue: SQLITE_BUSY)
    /// A constraint forbids the change.
    public static let constraint = SQLiteResultCode(rawValue: SQLITE_CONSTRAINT)
    /// The file system is full.
    public static let full = SQLiteResultCode(rawValue: SQLITE_FULL)
    /// Reading or writing the file failed.
    public static let ioError = SQLiteResultCode(rawValue: SQLITE_IOERR)
    /// The database may not be written.
    public static let readOnly = SQLiteResultCode(rawValue: SQLITE_READONLY)
    /// The file is damaged.
    public static let corrupt = SQLiteResultCode(rawValue: SQLITE_CORRUPT)
    /// The file is no database.
    public static let notADatabase = SQLiteResultCode(rawValue: SQLITE_NOTADB)
    /// The file cannot be opened.
    public static let cannotOpen = SQLiteResultCode(rawValue: SQLITE_CANTOPEN)
    /// The text or the bytes are too big.
    public static let tooBig = SQLiteResultCode(rawValue: SQLITE_TOOBIG)

    /// It says something about the disk or the whole database, and not only about what was asked for.
    var isOfDatabase: Bool {
        switch primary.rawValue {
        case SQLITE_FULL, SQLITE_IOERR, SQLITE_READONLY, SQLITE_BUSY, SQLITE_LOCKED, SQLITE_CANTOPEN, SQLITE_CORRUPT,
            SQLITE_NOTADB, SQLITE_NOMEM, SQLITE_PROTOCOL, SQLITE_INTERRUPT:
            true
        default: false
        }
    }

    /// The disk did not confirm what was written before.
    var isFailedSync: Bool { rawValue == operative_ioerr_fsync || rawValue == operative_ioerr_dir_fsync }

    /// The code without its extension.
    public var primary: SQLiteResultCode { SQLiteResultCode(rawValue: rawValue & 0xFF) }

    /// Matches an extended code where its primary code is asked for: `case .ioError` matches them all.
    public static func ~= (pattern: SQLiteResultCode, value: SQLiteResultCode) -> Bool {
        pattern == value || pattern == value.primary
    }

    /// What SQLite says about the code, with its number.
    public var description: String {
        guard let text = unsafe sqlite3_errstr(rawValue) else { return "result \(rawValue)" }
        return "\(unsafe String(cString: text)) (\(rawValue))"
    }
}
