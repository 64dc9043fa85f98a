import AgentRuntime
import CSQLite
import Foundation
import Testing

@testable import Journal

@Suite("Reading the journal")
struct JournalBrowserTests {
    private let place: StatePlace

    init() throws { place = try StatePlace() }

    private var path: String { "\(place.path)/journal.db" }

    private func task(_ name: String, execution: String) -> JournalledTask {
        JournalledTask(
            name: name, body: Array(#"{"a":1}"#.utf8), replyTo: "replies", correlationID: "c", executionID: execution,
            answersCancellation: false, mark: ParkedMark(storeID: "s", cancellationEpoch: 0))
    }

    private func key(_ name: String, retry: Int = 0) -> TaskKey { TaskKey(taskID: name, retryNumber: retry, run: 0) }

    /// Four tasks: settled with an answer, parked, taken over and running, waiting.
    private func fill(_ journal: SQLiteJournal) async throws {
        try await journal.start(key("done"), task: task("web.start", execution: "e1"))
        try await journal.finish(
            key("done"), task: task("web.start", execution: "e1"), outcome: .reply(Array("answer".utf8)))
        await journal.settle(key("done"))
        try await journal.start(key("parked"), task: task("web.check", execution: "e1"))
        try await journal.finish(
            key("parked"), task: task("web.check", execution: "e1"),
            outcome: .retry(body: Array("next".utf8), delay: .seconds(30)))
        await journal.settle(key("parked"))
        try await journal.start(key("running"), task: task("web.long", execution: "e2"))
        try await journal.keep(key("running"), task: task("web.long", execution: "e2"))
        try await journal.keep(key("waiting"), task: task("web.late", execution: "e2"))
    }

    @Test("Every state is shown while the agent writes, newest first, and can be asked for")
    func whileRunning() async throws {
        let journal = try SQLiteJournal(path: path, isFresh: true, now: { 1_000 })
        try await fill(journal)
        // Moments as they are in the rows: two clocks that are read one after the other may differ by a millisecond.
        let noMachine = MachineClock(boot: "", sinceBoot: { 0 }, wall: { 0 })
        var browser = try JournalBrowser(directory: place.path, machine: noMachine)
        let rows = try browser.newest(.init(), limit: 10)
        #expect(rows.map(\.taskID) == ["waiting", "running", "parked", "done"])
        #expect(rows.map(\.state) == [.waiting, .started, .settled, .settled])
        #expect(rows.map(\.isKept) == [true, true, false, false])
        #expect(rows[3].outcome == .reply(Array("answer".utf8)))
        #expect(rows[2].outcome == .retry(Array("next".utf8), delay: 30_000))
        #expect(rows[2].dueAt == 31_000 && rows[3].dueAt == nil)
        #expect(rows[0].body == Array(#"{"a":1}"#.utf8) && rows[0].replyTo == "replies")
        #expect(rows[1].startedAt == 1_000 && rows[3].endedAt == 1_000)

        #expect(try browser.newest(.init(state: .started), limit: 10).map(\.taskID) == ["running"])
        #expect(try browser.newest(.init(executionID: "e1"), limit: 10).map(\.taskID) == ["parked", "done"])
        #expect(try browser.newest(.init(isParked: true), limit: 10).map(\.taskID) == ["parked"])
        #expect(try browser.newest(.init(), limit: 1).map(\.taskID) == ["waiting"])
        #expect(try browser.rows(after: rows[2].id, .init(), limit: 10).map(\.taskID) == ["running", "waiting"])
        #expect(try browser.rows(named: "done").map(\.id) == [rows[3].id])
        #expect(try browser.rows(named: "\(rows[1].id)").map(\.taskID) == ["running"])
        #expect(try browser.rows(named: "nobody").isEmpty)
    }

    @Test("Where an answer goes is noted with it, also of a task that was over at once")
    func whereAnswersGo() async throws {
        let journal = try SQLiteJournal(path: path, isFresh: true, now: { 1_000 })
        var own = task("t", execution: "e")
        own.correlationID = "own"
        for (name, outcome) in [("other", StoredOutcome.reply([1])), ("own", .reply([1])), ("silent", .silence)] {
            let task = name == "own" ? own : task("t", execution: "e")
            try await journal.start(key(name), task: task)
            try await journal.finish(key(name), task: task, outcome: outcome)
            await journal.settle(key(name))
        }
        try await journal.start(key("running"), task: own)
        var browser = try JournalBrowser(directory: place.path)
        let rows = try browser.rows(after: .min, .init(), limit: 10)
        #expect(rows.map(\.replyTo) == ["replies", "replies", nil, nil])
        #expect(rows.map(\.correlationID) == ["c", nil, nil, nil], "none stands for the task's own id")
        // What is known already stays word for word: the next process answers with it.
        try await journal.keep(key("running"), task: own)
        try await journal.finish(key("running"), task: own, outcome: .reply([1]))
        #expect(try await journal.unfinished().map(\.task.correlationID) == ["own"])
    }

    @Test("It is read after the agent's end as well, and reading changes nothing")
    func afterTheEnd() async throws {
        do {
            let journal = try SQLiteJournal(path: path, isFresh: true, now: { 1_000 })
            try await fill(journal)
            await journal.close()
        }
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        for _ in 0..<2 {
            var browser = try JournalBrowser(directory: place.path)
            #expect(try browser.newest(.init(), limit: 10).count == 4)
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    }

    @Test("No journal, and one of a later release, are refused with what to do")
    func refused() async throws {
        let missing = #expect(throws: JournalError.self) { _ = try JournalBrowser(directory: place.path) }
        #expect(missing?.code == .missing && missing?.message.contains(place.path) == true)
        do {
            let journal = try SQLiteJournal(path: path, isFresh: true, now: { 1_000 })
            try journal.useWriter { try $0.runScript("PRAGMA user_version = 999") }
        }
        let newer = #expect(throws: JournalError.self) { _ = try JournalBrowser(directory: place.path) }
        #expect(newer?.code == .newerSchema)
    }
}
