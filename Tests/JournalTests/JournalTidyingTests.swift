import AgentRuntime
import Synchronization
import Testing

@testable import Journal

@Suite("Tidying the journal")
struct JournalTidyingTests {
    private let place: StatePlace
    private let now: Int64 = 1_700_000_000_000
    private var longAgo: Int64 { now - 8 * 86_400_000 }

    init() throws { place = try StatePlace() }

    private var path: String { "\(place.path)/journal.db" }

    private func open() throws -> SQLiteConnection {
        _ = try JournalDatabase(JournalPlace(path: path))
        var connection = try SQLiteConnection(path: path)
        try connection.run("PRAGMA synchronous = OFF")
        return connection
    }

    private func key(_ name: String) -> TaskKey { TaskKey(taskID: name, retryNumber: 0, run: 0) }

    private let task = JournalledTask(
        name: "t", body: [], replyTo: nil, correlationID: nil, executionID: nil, answersCancellation: false,
        mark: ParkedMark(storeID: "s", cancellationEpoch: 0))

    /// Adds settled rows.
    private func fill(
        _ connection: inout SQLiteConnection, count: Int, endedAt: Int64, dueAt: Int64? = nil, outcomeBytes: Int = 0
    ) throws {
        try connection.run(
            """
            WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?1)
            INSERT INTO task (key, task_id, retry, run, state, name, epoch, ended_at, due_at, outcome_kind, outcome)
            SELECT n, 'old', 0, 0, 3, 't', 0, ?2, ?3, 1, zeroblob(?4) FROM number
            """,
            [
                .integer(Int64(count)), .integer(endedAt), dueAt.map(SQLiteValue.integer) ?? .null,
                .integer(Int64(outcomeBytes)),
            ])
    }

    private func count(_ connection: inout SQLiteConnection, _ condition: String = "task_id = 'old'") throws -> Int64 {
        try connection.query("SELECT count(*) FROM task WHERE \(condition)") { $0.integer(0) }.first ?? -1
    }

    /// Every slice of one turn, with what is left after each.
    private func turn(
        _ tidying: inout JournalTidying, _ connection: inout SQLiteConnection, limits: JournalLimits = JournalLimits()
    ) throws -> [Int64] {
        var left: [Int64] = []
        tidying.begin()
        while tidying.isUnderWay {
            _ = try tidying.slice(&connection, limits: limits, now: now)
            left.append(try count(&connection))
        }
        return left
    }

    @Test("However much there is that must be kept for long, what has expired behind it is found in time")
    func nothingIsHidden() throws {
        var connection = try open()
        try fill(&connection, count: 5_000, endedAt: longAgo, dueAt: now + 1_000_000)
        try fill(&connection, count: 3_000, endedAt: longAgo)
        try fill(&connection, count: 2_000, endedAt: now - 1)
        var tidying = JournalTidying()
        var turns = 0
        while try count(&connection, "due_at IS NULL") > 2_000, turns < 10 {
            let slices = try turn(&tidying, &connection)
            #expect(slices.count <= 20, "a turn ends, however much has to be looked at")
            turns += 1
        }
        #expect(turns == 2)
        #expect(try count(&connection, "due_at IS NOT NULL") == 5_000)
        #expect(try count(&connection, "due_at IS NULL") == 2_000)
        // And it begins at the oldest again.
        try connection.run("UPDATE task SET due_at = NULL WHERE id <= 100")
        for _ in 0..<2 { _ = try turn(&tidying, &connection) }
        #expect(try count(&connection) == 6_900)
    }

    @Test("One slice deletes at most 500 rows, and fewer when they are large")
    func slicesAreSmall() throws {
        var connection = try open()
        try fill(&connection, count: 2_000, endedAt: longAgo)
        try fill(&connection, count: 8, endedAt: longAgo, outcomeBytes: 400_000)
        try fill(&connection, count: 2, endedAt: longAgo, outcomeBytes: 3_000_000)
        var tidying = JournalTidying()
        var before: Int64 = 2_010
        for left in try turn(&tidying, &connection) {
            #expect(before - left <= (before > 10 ? 500 : 2))
            before = left
        }
        #expect(before == 0)
    }

    @Test("Getting below the size goes slice by slice too, and what is still to be done stays")
    func sizeInSlices() throws {
        var connection = try open()
        try fill(&connection, count: 1_000, endedAt: now, dueAt: now + 1_000_000)
        try fill(&connection, count: 4_000, endedAt: now, outcomeBytes: 1_000)
        var tidying = JournalTidying()
        let limits = JournalLimits(maximumBytes: 1 << 20)
        let slices = try turn(&tidying, &connection, limits: limits)
        #expect(slices.count >= 8)
        #expect(zip([5_000] + slices, slices).allSatisfy { $0 - $1 <= 500 })
        #expect(try count(&connection, "due_at IS NOT NULL") == 1_000)
        #expect(try count(&connection, "due_at IS NULL") > 0, "no more than necessary")
        #expect(try JournalTidying.usedBytes(&connection) <= 1 << 20)
    }

    @Test("With 100,000 rows to forget, whoever writes gets their turn after every slice")
    func writersComeBetween() throws {
        var connection = try open()
        try fill(&connection, count: 100_000, endedAt: longAgo)
        guard let log = connection.writeAheadLog else { return #expect(Bool(false), "no log") }
        let moment = now
        let index = try KeyFolder.index(of: &connection, threshold: KeyFolder.threshold)
        let writer = try JournalWriter(
            connection, index: index, limits: JournalLimits(), durability: .grouped,
            log: JournalLog(log, at: JournalPlace(path: path)),
            now: { moment },
            onWritten: { _ in },
            onLost: { _ in })
        let asked = Mutex(0)
        writer.onUnfinishedTidying { asked.withLock { $0 += 1 } }
        let answered = Mutex(0)
        func start(_ number: Int) -> JournalCommand {
            JournalCommand(key: key("new-\(number)"), change: .start(task), isSynchronized: false) { error in
                #expect(error == nil)
                answered.withLock { $0 += 1 }
            }
        }
        var left: Int64 = 100_000
        var writes = 0
        var slices = 0
        while left > 0, writes < 2_000 {
            writer.write(slices > 0 && writes.isMultiple(of: 2) ? [.tidy] : [.tidy, start(writes)])
            writes += 1
            let now = try writer.use { try count(&$0) }
            #expect(left - now <= 500)
            if now < left { slices += 1 }
            left = now
        }
        #expect(left == 0)
        #expect(slices >= 200)
        #expect(asked.withLock { $0 } >= slices - 1, "the writer asks to go on after each slice")
        #expect(answered.withLock { $0 } >= JournalWriter.batchesPerTidying + slices / 2 - 1)
        #expect(try writer.use { try count(&$0, "task_id <> 'old'") } == Int64(answered.withLock { $0 }))
    }

    @Test("Once begun, tidying goes on to its end although nobody writes any more", .timeLimit(.minutes(2)))
    func goesOnByItself() async throws {
        var connection = try open()
        try fill(&connection, count: 5_000, endedAt: longAgo)
        let moment = now
        let journal = try SQLiteJournal(path: path, isFresh: false, now: { moment })
        for number in 0..<JournalWriter.batchesPerTidying {
            try await journal.start(key("new-\(number)"), task: task)
        }
        var reading = try SQLiteConnection(path: path, isReadOnly: true)
        while try count(&reading) > 0 { await Task.yield() }
        #expect(try count(&reading, "task_id <> 'old'") == Int64(JournalWriter.batchesPerTidying))
    }
}
