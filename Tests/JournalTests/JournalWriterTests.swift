import AgentRuntime
import Testing

@testable import Journal

@Suite("Writer of the journal")
struct JournalWriterTests {
    private let place: StatePlace
    private let writer: JournalWriter

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
            onWritten: { _ in }, onLost: { _ in })
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
