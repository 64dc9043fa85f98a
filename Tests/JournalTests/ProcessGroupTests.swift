import Testing

@testable import Journal

@Suite("Process groups in the journal")
struct ProcessGroupTests {
    private let place: StatePlace

    init() throws { place = try StatePlace() }

    private func open() throws -> SQLiteJournal {
        try SQLiteJournal(path: "\(place.path)/journal.db", isFresh: false)
    }

    private func row(_ pid: Int32, start: Int64 = 7, boot: String = "b") -> ProcessGroupRow {
        ProcessGroupRow(pid: pid, startTime: start, boot: boot, owner: "task-\(pid)", session: pid == 2 ? 3 : nil)
    }

    @Test("A group is known to the next process from the moment its record was taken, and until its end was seen")
    func known() async throws {
        do {
            let journal = try open()
            try await journal.addProcessGroup(row(1))
            try await journal.addProcessGroup(row(2))
            try await journal.addProcessGroup(row(2, start: 8))
            #expect(try open(reading: journal) == [row(1), row(2), row(2, start: 8)])
            journal.removeProcessGroup(row(2))
            await journal.close()
        }
        let next = try open()
        #expect(try next.processGroups() == [row(1), row(2, start: 8)])
    }

    @Test("The journal of an earlier release gets its table, and keeps what it has")
    func earlierSchema() throws {
        let path = "\(place.path)/journal.db"
        do {
            let connection = try SQLiteConnection(path: path)
            for migration in JournalSchema.migrations.dropLast(2) { try connection.runScript(migration) }
            try connection.runScript("PRAGMA user_version = \(JournalSchema.migrations.count - 2)")
            try connection.runScript("UPDATE shutdown SET probes = 42")
        }
        let journal = try open()
        #expect(try journal.processGroups() == [])
        #expect(try journal.useWriter { try $0.query("SELECT probes FROM shutdown") { $0.integer(0) } } == [42])
    }

    /// What a second connection sees while the first is open: only what has been committed.
    private func open(reading journal: SQLiteJournal) throws -> [ProcessGroupRow] {
        var connection = try SQLiteConnection(path: "\(place.path)/journal.db", isReadOnly: true)
        return try ProcessGroupTable.all(&connection)
    }
}
