import Glibc
import Synchronization

/// A SQLite database with a versioned schema, used by one thread at a time.
///
/// Everything is written through to the disk before a call returns: write-ahead log, `synchronous = FULL`. The files have
/// mode 0600. Calls block; they take about as long as one write to the disk.
public final class SQLiteDatabase: Sendable {
    /// The path of the database file.
    public let path: String
    /// Whether this process made the database.
    public let wasCreated: Bool

    private let connection: Mutex<SQLiteConnection>

    /// Opens a database, makes it when absent and brings its schema up to date.
    ///
    /// - Parameters:
    ///   - path: The file. Its directory must exist.
    ///   - migrations: The scripts that lead from each schema version to the next; their number is the current version.
    ///     Only ever append to this list.
    /// - Throws: ``SQLiteError``, or ``JournalError`` with `newerSchema` when a later release wrote the file.
    public init(path: String, migrations: [String]) throws {
        self.path = path
        try PrivateFile.make(path)
        var connection = try SQLiteConnection(path: path)
        _ = try connection.query("PRAGMA journal_mode = WAL") { _ in () }
        try connection.runScript("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;")
        let version = try connection.query("PRAGMA user_version") { Int($0.integer(0)) }.first ?? 0
        guard version <= migrations.count else {
            throw JournalError.newerSchema(path, found: version, known: migrations.count)
        }
        for (number, migration) in migrations.enumerated().dropFirst(version) {
            try connection.runScript("BEGIN IMMEDIATE; \(migration); PRAGMA user_version = \(number + 1); COMMIT;")
        }
        wasCreated = version == 0
        self.connection = Mutex(connection)
    }

    /// Uses the connection; nobody else does at the same time. Do not call this from within.
    public func use<Result: Sendable, Failure: Error>(
        _ body: (inout SQLiteConnection) throws(Failure) -> sending Result
    ) throws(Failure) -> Result {
        try connection.withLock { connection throws(Failure) in try body(&connection) }
    }

    /// Uses the connection within a transaction, which is undone when `body` throws.
    public func transaction<Result: Sendable>(
        _ body: (inout SQLiteConnection) throws -> sending Result
    ) throws -> Result {
        try connection.withLock { connection in
            try connection.run("BEGIN IMMEDIATE")
            do {
                let result = try body(&connection)
                try connection.run("COMMIT")
                return result
            } catch {
                // Some errors have ended the transaction already; then there is nothing to undo.
                try? connection.run("ROLLBACK")
                throw error
            }
        }
    }
}
