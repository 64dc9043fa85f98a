import AgentRuntime
import Synchronization
import Testing

@testable import Journal

@Suite("Writer of the journal")
struct JournalWriterTests {
    private let place: StatePlace
    private let writer: JournalWriter
    private let alarm = JournalAlarm()

    init() throws {
        place = try StatePlace()
        let path = "\(place.path)/journal.db"
        _ = try JournalDatabase(JournalPlace(path: path))
        var connection = try SQLiteConnection(path: path)
        try JournalShutdown.begin(&connection)
        let found = connection.writeAheadLog
        let log = try #require(found)
        writer = try JournalWriter(
            connection, index: KeyIndex(), limits: JournalLimits(), durability: .grouped,
            log: JournalLog(log, at: JournalPlace(path: path)),
            now: { 1 },
            onWritten: { _ in }, onLost: { _ in }, alarm: alarm)
    }

    private static let crowd = 100

    private func key(_ number: Int) -> TaskKey { TaskKey(taskID: "t-\(number)", retryNumber: 0, run: 0) }

    private let task = JournalledTask(
        name: "web.start", body: [1, 2, 3], replyTo: "r", correlationID: "c", executionID: "e",
        answersCancellation: true, mark: ParkedMark(storeID: "s", cancellationEpoch: 0))

    private func write(_ change: JournalCommand.Change, _ numbers: some Sequence<Int>) {
        writer.write(numbers.map { JournalCommand(key: key($0), change: change, isSynchronized: false, complete: nil) })
    }

    private func states() throws -> [Int64: Int] {
        let states = try writer.use { try $0.query("SELECT state FROM task") { $0.integer(0) } }
        return states.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    @Test("Under load settlements wait for one another, at most until there is nothing else to do")
    func heldSettlements() throws {
        write(.start(task), 0..<Self.crowd)
        write(.finish(task, .reply([1])), 0..<Self.crowd)
        #expect(try states() == [2: Self.crowd], "outcomes never wait")
        write(.settle, 0..<Self.crowd)
        #expect(try states() == [2: Self.crowd])
        writer.writeHeld()
        #expect(try states() == [3: Self.crowd])
    }

    @Test("So many settlements wait and no more, and one that comes alone waits for nothing")
    func limitOfHeldSettlements() throws {
        write(.start(task), 0..<301)
        write(.finish(task, .silence), 0..<301)
        write(.settle, 0..<300)
        #expect(try states() == [2: 1, 3: 300])
        write(.settle, [300])
        #expect(try states() == [3: 301])
    }

    @Test("What has a body to drop, or waits in the broker, is settled at once")
    func neverHeld() throws {
        write(.start(task), 0..<Self.crowd)
        write(.keep(task), 0..<50)
        write(.finish(task, .reply([1])), 0..<50)
        write(.finish(task, .retry(body: [1], delay: .seconds(1))), 50..<Self.crowd)
        write(.settle, 0..<Self.crowd)
        #expect(try states() == [3: Self.crowd])
        let count = try writer.use { connection in
            try connection.query("SELECT count(body), count(due_at), sum(kept) FROM task") {
                [$0.integer(0), $0.integer(1), $0.integer(2)]
            }.first
        }
        #expect(count == [0, 50, 0])
    }

    @Test("A command that can never be written is refused alone, and keeps nothing else from being written")
    func refusedCommand() throws {
        let answers = Mutex<[String: SQLiteError?]>([:])
        func command(
            _ name: String, _ change: JournalCommand.Change
        ) -> JournalCommand {
            JournalCommand(
                key: TaskKey(taskID: name, retryNumber: 0, run: 0), change: change, isSynchronized: false
            ) { error in answers.withLock { _ = $0.updateValue(error, forKey: name) } }
        }
        let bad = JournalCommand.Change.job(isHistory: true) { connection throws(SQLiteError) in
            try connection.run("INSERT INTO task (id) VALUES ('no number')")
        }
        writer.write([command("first", .start(task)), command("bad", bad), command("last", .start(task))])
        #expect(answers.withLock { $0["first"] } == .some(nil))
        #expect(answers.withLock { $0["last"] } == .some(nil))
        let refusal = answers.withLock { $0["bad"] } ?? nil
        #expect(refusal != nil)
        #expect(writer.problem == nil)
        #expect(try states() == [1: 2])
        write(.start(task), 0..<1)
        #expect(try states() == [1: 3], "it is not tried again")
    }

    @Test("Whoever watches is told when what nobody waits for cannot be written")
    func alarmed() throws {
        let count = Atomic(0)
        alarm.onFailure { count.add(1, ordering: .relaxed) }
        write(.start(task), 0..<Self.crowd)
        write(.finish(task, .reply([1])), 0..<Self.crowd)
        write(.settle, 0..<Self.crowd)
        #expect(count.load(ordering: .relaxed) == 0)
        try writer.use { try $0.run("PRAGMA query_only = 1") }
        writer.writeHeld()
        #expect(count.load(ordering: .relaxed) == 1)
        #expect(writer.problem?.code.primary == .readOnly)
        try writer.use { try $0.run("PRAGMA query_only = 0") }
        write(.start(task), [500])
        #expect(try states() == [1: 1, 3: Self.crowd])
        #expect(writer.problem == nil)
        #expect(count.load(ordering: .relaxed) == 1)
    }

    @Test("A takeover that comes after a settlement finds it written, and writes no body")
    func takeoverAfterHeldSettlement() throws {
        write(.start(task), 0..<Self.crowd)
        write(.finish(task, .reply([1])), 0..<Self.crowd)
        write(.settle, 0..<Self.crowd)
        write(.keep(task), 0..<Self.crowd)
        #expect(try states() == [3: Self.crowd])
        let bodies = try writer.use { try $0.query("SELECT count(body) FROM task") { $0.integer(0) }.first }
        #expect(bodies == 0)
    }
}
