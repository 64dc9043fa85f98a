internal import Glibc

/// The file `journal.db`, opened for the one that writes.
struct JournalDatabase: ~Copyable {
    static let fileName = "journal.db"

    var connection: SQLiteConnection
    /// Whether the file is new, and not everything on record that may have been begun before there was one.
    let isFresh: Bool

    /// Opens the file, makes it when absent and brings its schema up to date.
    init(_ place: JournalPlace) throws {
        let path = place.path
        try PrivateFile.make(path)
        var connection = try SQLiteConnection(path: path, disk: place.disk)
        // Before the first table; makes it possible to give space back bit by bit.
        try connection.runScript("PRAGMA auto_vacuum = INCREMENTAL")
        _ = try connection.query("PRAGMA journal_mode = WAL") { _ in () }
        // A commit is in the system's cache when it returns, which a killed process cannot undo. The log is synced by its own thread.
        try connection.runScript("PRAGMA synchronous = NORMAL")
        try connection.takeOverCheckpoints()
        let version = try connection.query("PRAGMA user_version") { Int($0.integer(0)) }.first ?? 0
        guard version <= JournalSchema.version else {
            throw JournalError.newerSchema(path, found: version, known: JournalSchema.version)
        }
        if version == 0 {
            // At once: a file that is there and does not say that it is new would be taken for an old one.
            let script = JournalSchema.migrations.joined(separator: ";")
            try connection.runScript(
                """
                BEGIN IMMEDIATE; \(script); UPDATE shutdown SET fresh = 1; PRAGMA user_version = \(JournalSchema.version); COMMIT;
                """)
        }
        for (number, migration) in JournalSchema.migrations.enumerated().dropFirst(version) where version > 0 {
            try connection.runScript("BEGIN IMMEDIATE; \(migration); PRAGMA user_version = \(number + 1); COMMIT;")
        }
        isFresh = try connection.query("SELECT fresh FROM shutdown") { $0.integer(0) != 0 }.first ?? false
        self.connection = connection
    }

    /// The time by which rows are dated.
    mutating func timeline(on machine: MachineClock) throws(SQLiteError) -> Timeline {
        // Whatever the newest rows say is enough: nothing else can be much later.
        let newest = try connection.query(
            "SELECT max(coalesce(ended_at, started_at)) FROM (SELECT ended_at, started_at FROM task ORDER BY id DESC LIMIT 1000)"
        ) { $0.isNull(0) ? nil : $0.integer(0) }
        return try Timeline.resume(&connection, newest: newest.first ?? nil, on: machine)
    }
}
