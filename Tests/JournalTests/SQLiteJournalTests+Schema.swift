import AgentRuntime
import Testing

@testable import Journal

/// Journals that other releases have written.
extension SQLiteJournalTests {
    @Test("A journal that a later release wrote is refused with both versions and the remedy")
    func newerSchema() throws {
        _ = try open()
        try database { connection in try connection.runScript("PRAGMA user_version = 99") }
        let error = #expect(throws: JournalError.self) { try open() }
        #expect(error?.code == .newerSchema)
        #expect(error?.message.contains("99") == true)
        #expect(error?.message.contains("later release") == true)
    }

    @Test("A journal of the first schema is taken over with everything in it, and its keys are found as before")
    func firstSchema() async throws {
        let count = 40
        try database { connection in
            try connection.runScript(JournalSchema.migrations[0] + "; PRAGMA user_version = 1")
            for number in 1...count {
                let key = key("old-\(number)", retry: number % 2, run: UInt64(number))
                try connection.run(
                    """
                    INSERT INTO task (key, task_id, retry, run, state, name, epoch, outcome_kind, outcome, body, kept)
                    VALUES (?, ?, ?, ?, ?, 'n', 0, 1, ?, ?, ?)
                    """,
                    [.integer(key.stored)] + key.values + [
                        .integer(number == count ? 0 : 3), .blob([UInt8(number)]), .blob([7]),
                        .integer(number == count ? 1 : 0),
                    ])
            }
        }
        for foldsAt in [8, KeyFolder.threshold] {
            let journal = try open(foldsAt: foldsAt)
            for number in 1..<count {
                let key = key("old-\(number)", retry: number % 2, run: UInt64(number))
                #expect(
                    try await journal.entry(for: key) == .finished(.reply([UInt8(number)]), isSettled: true),
                    "row \(number)")
            }
            #expect(try await journal.entry(for: key("old-1")) == .unknown, "another run")
            #expect(try await journal.unfinished().map(\.key.taskID) == ["old-\(count)"])
        }
    }

    @Test("A row that an earlier release has settled without an outcome is taken over again, or forgotten with time")
    func settledWithoutOutcome() async throws {
        do {
            let journal = try open()
            for name in ["again", "gone"] { try await journal.keep(key(name), task: task()) }
        }
        try database { connection in try connection.run("UPDATE task SET state = 3, kept = 0, body = NULL") }
        let journal = try open()
        try await journal.keep(key("again"), task: task(body: "again"))
        #expect(try await open().unfinished().map(\.task.body) == [Array("again".utf8)])
        let count = try database { connection in
            var tidying = JournalTidying()
            tidying.begin()
            while tidying.isUnderWay {
                _ = try tidying.slice(&connection, limits: JournalLimits(), now: clock.now())
            }
            return try connection.query("SELECT count(*) FROM task") { $0.integer(0) }
        }
        #expect(count == [1])
    }

    @Test("A journal is new until everything from before it is on record, over restarts; an earlier release's is not")
    func isFresh() async throws {
        #expect(try open().isFresh)
        #expect(try open().isFresh, "the first process has seen nothing")
        await (try open()).noteComplete()
        #expect(try open().isFresh == false)
        try database { connection in
            try connection.runScript(
                "DROP TABLE process_group; ALTER TABLE shutdown DROP COLUMN fresh; PRAGMA user_version = 4")
        }
        #expect(try open().isFresh == false)
    }
}
