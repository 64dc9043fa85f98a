import AgentRuntime
import CSQLite
import Synchronization
import Testing

@testable import Journal

@Suite("Undeliverable replies in the journal")
struct UndeliverableRepliesTests {
    private let place: StatePlace
    private let clock = TestClock()

    init() throws { place = try StatePlace() }

    private var path: String { "\(place.path)/journal.db" }

    private func open(
        limits: JournalLimits = JournalLimits(), onLost: @escaping @Sendable (LostReplies) -> Void = { _ in }
    ) throws -> SQLiteJournal {
        try SQLiteJournal(path: path, isFresh: false, limits: limits, now: clock.now, onLost: onLost)
    }

    private func reply(
        _ name: String, reason: UndeliverableReply.Reason = .unroutable, bytes: [UInt8] = [1], late: Bool = false
    ) -> UndeliverableReply {
        UndeliverableReply(
            reply: OutgoingReply(
                address: "to-\(name)", correlationID: "c-\(name)", body: bytes, hasLateRecords: late),
            taskID: name, reason: reason)
    }

    private func shown() throws -> [UndeliverableRow] {
        var browser = try JournalBrowser(directory: place.path)
        return try browser.undeliverable(limit: 1_000)
    }

    @Test("The next process finds each with its body, address and correlation id, and only those worth another try")
    func survivesRestart() async throws {
        var nameless = reply("c", bytes: [3], late: true)
        nameless.reply.correlationID = nil
        nameless.taskID = nil
        do {
            let journal = try open()
            let (ids, error) = await journal.keepUndeliverable([
                reply("a", bytes: [1, 2]), reply("b", reason: .refused), nameless,
            ])
            #expect(error == nil)
            #expect(ids == ["u1", "u2", "u3"])
        }
        let next = try open()
        #expect(
            await next.undelivered(limit: 10) == [
                KeptReply(id: "u1", reply: reply("a", bytes: [1, 2]).reply), KeptReply(id: "u3", reply: nameless.reply),
            ])
        #expect(await next.undelivered(limit: 1).map(\.id) == ["u1"])
        #expect(await next.undelivered(after: "u1", limit: 1).map(\.id) == ["u3"])
        #expect(await next.undelivered(after: "u3", limit: 1).isEmpty)
        #expect(try shown().map(\.reason) == ["unroutable", "refused", "unroutable"])
        next.removeUndeliverable("u3")
        next.removeUndeliverable("u1")
        next.removeUndeliverable("nonsense")
        #expect(await next.undelivered(limit: 10).isEmpty)
        #expect(try shown().map(\.id) == ["u2"])
        let last = try open()
        #expect(await last.keepUndeliverable([reply("d")]).ids == ["u4"], "no number stands for two replies")
    }

    @Test("The same reply, told again to a copy of its task, is kept once")
    func keptOnce() async throws {
        let journal = try open()
        _ = await journal.keepUndeliverable([reply("a"), reply("a", bytes: [2]), reply("b")])
        _ = await journal.keepUndeliverable([reply("a")])
        #expect(try shown().map(\.id) == ["u4", "u3", "u2"])
    }

    @Test("It is found by its number, by its task and by its correlation id")
    func found() async throws {
        let journal = try open()
        _ = await journal.keepUndeliverable([reply("a"), reply("b", reason: .refused, bytes: [2, 3])])
        var browser = try JournalBrowser(directory: place.path)
        for key in ["u2", "b", "c-b"] {
            let rows = try browser.undeliverable(named: key)
            let row = try #require(rows.first)
            // The time of day is worked out from two clocks that are read one after the other.
            #expect(abs(row.keptAt - clock.now()) <= 1_000)
            #expect(
                rows == [
                    UndeliverableRow(
                        id: "u2", taskID: "b", replyTo: "to-b", correlationID: "c-b", reason: "refused",
                        keptAt: row.keptAt, body: [2, 3])
                ])
        }
        #expect(try browser.undeliverable(named: "2").isEmpty)
    }

    @Test("What is older than the window, or too much, is forgotten, oldest first, and whoever logs is told how many")
    func bounded() async throws {
        let lost = Mutex<[LostReplies]>([])
        // A quarter of it is for undeliverable replies.
        let journal = try open(limits: JournalLimits(maximumBytes: 4 << 20)) { loss in
            lost.withLock { $0.append(loss) }
        }
        _ = await journal.keepUndeliverable((0..<150).map { reply("old-\($0)") })
        clock.advance(by: .seconds(8 * 86_400))
        let large = [UInt8](repeating: 7, count: 400_000)
        _ = await journal.keepUndeliverable((0..<5).map { reply("new-\($0)", bytes: large + [UInt8($0)]) })
        try await tidy(journal)
        #expect(try shown().compactMap(\.taskID) == ["new-4", "new-3"])
        #expect(lost.withLock { $0.reduce(0) { $0 + $1.expired } } == 150)
        #expect(lost.withLock { $0.reduce(0) { $0 + $1.displaced } } == 3)
        try await tidy(journal)
        #expect(try shown().count == 2)
        #expect(lost.withLock { $0.reduce(0) { $0 + $1.count } } == 153)
    }

    /// Has the journal look at its limits once, by as much work as that takes.
    private func tidy(_ journal: SQLiteJournal) async throws {
        let task = JournalledTask(
            name: "t", body: [], replyTo: nil, correlationID: nil, executionID: nil, answersCancellation: false,
            mark: ParkedMark(storeID: "s", cancellationEpoch: 0))
        for number in 0..<(JournalWriter.batchesPerTidying + 16) {
            try await journal.start(TaskKey(taskID: "t-\(number)", retryNumber: 0, run: 0), task: task)
        }
    }

    @Test("On a full disk it waits in memory, and is written when there is room again")
    func fullDisk() async throws {
        let journal = try open()
        _ = await journal.probe()
        try journal.limitPages(toCurrent: true)
        let (ids, error) = await journal.keepUndeliverable([reply("a", bytes: [UInt8](repeating: 1, count: 100_000))])
        #expect(error != nil && ids == ["u1"])
        #expect(try shown().isEmpty)
        try journal.limitPages(toCurrent: false)
        #expect(await journal.probe())
        #expect(try shown().map(\.id) == ["u1"])
    }

    @Test("The journal of the first schema is opened with all its rows, and read as it is")
    func firstSchema() async throws {
        do {
            let connection = try SQLiteConnection(path: path)
            try connection.runScript(
                """
                \(JournalSchema.migrations[0]);
                INSERT INTO task (key, task_id, retry, run, state, name, epoch, outcome_kind, outcome, ended_at)
                    VALUES (\(TaskKey(taskID: "old", retryNumber: 0, run: 0).stored), 'old', 0, 0, 3, 't', 0, 1, x'41', 5);
                PRAGMA user_version = 1;
                """)
        }
        #expect(try shown().isEmpty)
        let journal = try open()
        let old = TaskKey(taskID: "old", retryNumber: 0, run: 0)
        #expect(try await journal.entry(for: old) == .finished(.reply([0x41]), isSettled: true))
        #expect(await journal.keepUndeliverable([reply("a")]).ids == ["u1"])
        #expect(try shown().count == 1)
        var browser = try JournalBrowser(directory: place.path)
        #expect(try browser.newest(.init(), limit: 10).map(\.taskID) == ["old"])
        let version = try journal.useWriter { try $0.query("PRAGMA user_version") { $0.integer(0) } }
        #expect(version == [Int64(JournalSchema.version)])
    }
}
