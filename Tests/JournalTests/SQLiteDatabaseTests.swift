import Foundation
import Synchronization
import Testing

@testable import Journal

@Suite("Database")
struct SQLiteDatabaseTests {
    private static let schema = ["CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, data BLOB)"]
    let place: StatePlace

    init() throws {
        place = try StatePlace()
    }

    private func open(_ migrations: [String] = schema) throws -> SQLiteDatabase {
        try SQLiteDatabase(path: place.path + "/test.db", migrations: migrations)
    }

    @Test("All kinds of values come back as they were stored, empty ones too")
    func values() throws {
        let database = try open()
        let texts = ["", "plain", "ü€🙂", "with\u{0}nul", "'; DROP TABLE t; --"]
        for (index, text) in texts.enumerated() {
            try database.use { connection throws(SQLiteError) in
                try connection.run(
                    "INSERT INTO t VALUES (?, ?, ?)",
                    [.integer(Int64(index)), .text(text), .blob(Array(text.utf8))])
            }
        }
        let rows = try database.use { connection throws(SQLiteError) in
            try connection.query("SELECT id, name, data, NULL FROM t ORDER BY id") { row in
                (row.integer(0), row.text(1), row.blob(2), row.isNull(1), row.isNull(3))
            }
        }
        #expect(rows.map(\.0) == [0, 1, 2, 3, 4])
        #expect(rows.map(\.1) == texts)
        #expect(rows.map(\.2) == texts.map { Array($0.utf8) })
        #expect(rows.allSatisfy { !$0.3 && $0.4 })
    }

    @Test("The files of a database belong to their owner alone, also when they were open before")
    func modes() throws {
        #expect(FileManager.default.createFile(atPath: place.path + "/test.db", contents: nil))
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: place.path + "/test.db")
        let database = try open()
        try database.use { connection throws(SQLiteError) in try connection.run("INSERT INTO t VALUES (1, 'a', NULL)") }
        for name in ["test.db", "test.db-wal", "test.db-shm"] {
            #expect(try place.mode(of: name) == 0o600, "\(name)")
        }
    }

    @Test("The write-ahead log is on and every commit reaches the disk")
    func durability() throws {
        let (mode, synchronous) = try open().use { connection throws(SQLiteError) in
            (
                try connection.query("PRAGMA journal_mode") { $0.text(0) },
                try connection.query("PRAGMA synchronous") { $0.integer(0) }
            )
        }
        #expect(mode == ["wal"])
        #expect(synchronous == [2])
    }

    @Test("A schema is brought up to date step by step and only once")
    func migration() throws {
        let first = try open()
        #expect(first.wasCreated)
        let second = try open(Self.schema + ["ALTER TABLE t ADD COLUMN more INTEGER DEFAULT 7"])
        #expect(!second.wasCreated)
        let third = try open(Self.schema + ["ALTER TABLE t ADD COLUMN more INTEGER DEFAULT 7"])
        let columns = try third.use { connection throws(SQLiteError) in
            try connection.query("SELECT COUNT(*) FROM pragma_table_info('t')") { $0.integer(0) }
        }
        #expect(columns == [4])
    }

    @Test("A migration that fails leaves the schema as it was")
    func failedMigration() throws {
        _ = try open()
        #expect(throws: SQLiteError.self) {
            try open(Self.schema + ["CREATE TABLE other (id INTEGER); CREATE TABLE t (id INTEGER)"])
        }
        let tables = try open().use { connection throws(SQLiteError) in
            try connection.query("SELECT name FROM sqlite_master WHERE type = 'table'") { $0.text(0) }
        }
        #expect(tables == ["t"])
    }

    @Test("A database of a later release is refused, and the message says what to do")
    func newerSchema() throws {
        _ = try open(Self.schema + ["CREATE TABLE later (id INTEGER)"])
        let error = #expect(throws: JournalError.self) { try open() }
        #expect(error?.code == .newerSchema)
        #expect(error?.message.contains("schema version 2 and this release knows 1") == true)
        #expect(error?.message.contains("install that release again") == true)
    }

    @Test("A file that is no database is refused with SQLite's code")
    func noDatabase() throws {
        try String(repeating: "not a database ", count: 100).write(
            toFile: place.path + "/test.db", atomically: false, encoding: .utf8)
        let error = #expect(throws: SQLiteError.self) { try open() }
        #expect(error?.code.primary == .notADatabase)
    }

    @Test("A transaction that throws leaves nothing behind and the database usable")
    func rollback() throws {
        struct Stop: Error {}
        let database = try open()
        #expect(throws: Stop.self) {
            try database.transaction { connection in
                try connection.run("INSERT INTO t VALUES (1, 'a', NULL)")
                throw Stop()
            }
        }
        try database.transaction { connection in try connection.run("INSERT INTO t VALUES (2, 'b', NULL)") }
        let ids = try database.use { connection throws(SQLiteError) in
            try connection.query("SELECT id FROM t") { $0.integer(0) }
        }
        #expect(ids == [2])
    }

    @Test("Errors carry the code and the statement, and never the values")
    func errors() throws {
        let database = try open()
        let insert = "INSERT INTO t VALUES (?, ?, NULL)"
        try database.use { connection throws(SQLiteError) in try connection.run(insert, [.integer(1), .text("canary")])
        }
        let error = #expect(throws: SQLiteError.self) {
            try database.use { connection throws(SQLiteError) in
                try connection.run(insert, [.integer(1), .text("canary")])
            }
        }
        let found = try #require(error)
        #expect(SQLiteResultCode.constraint ~= found.code)
        #expect(found.code != .constraint)
        #expect(found.description.contains(insert))
        #expect(!found.description.contains("canary"))
    }

    @Test("Threads take turns: no increment is lost")
    func serialized() throws {
        let database = try open()
        try database.use { connection throws(SQLiteError) in try connection.run("INSERT INTO t VALUES (0, '', NULL)") }
        let failures = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: 40) { _ in
            do {
                try database.transaction { connection in
                    let id = try connection.query("SELECT id FROM t") { $0.integer(0) }.first ?? 0
                    try connection.run("UPDATE t SET id = ?", [.integer(id + 1)])
                }
            } catch {
                failures.withLock { $0 += 1 }
            }
        }
        #expect(failures.withLock { $0 } == 0)
        let ids = try database.use { connection throws(SQLiteError) in
            try connection.query("SELECT id FROM t") { $0.integer(0) }
        }
        #expect(ids == [40])
    }
}
