import AgentExecutors
import AgentRuntime
import CSQLite
import Dispatch
import Testing

@testable import Journal

@Suite("Journal on disk")
struct SQLiteJournalTests {
    private let place: StatePlace
    private let clock = TestClock()

    init() throws { place = try StatePlace() }

    private var path: String { "\(place.path)/journal.db" }

    private func open(
        limits: JournalLimits = JournalLimits(), durability: JournalDurability = .grouped,
        foldsAt: Int = KeyFolder.threshold
    ) throws -> SQLiteJournal {
        try SQLiteJournal(
            path: path, isFresh: false, limits: limits, durability: durability, foldsAt: foldsAt, now: clock.now)
    }

    private func key(_ name: String, retry: Int = 0, run: UInt64 = 0) -> TaskKey {
        TaskKey(taskID: name, retryNumber: retry, run: run)
    }

    private func task(_ name: String = "web.start", body: String = "{}", epoch: Int64 = 0) -> JournalledTask {
        JournalledTask(
            name: name, body: Array(body.utf8), replyTo: "replies", correlationID: "c", executionID: "e",
            answersCancellation: true, mark: ParkedMark(storeID: "s", cancellationEpoch: epoch))
    }

    private let reply = StoredOutcome.reply(Array("done".utf8))

    @Test("A start is known to the next process, with the cancellations that came before it")
    func startIsRemembered() async throws {
        do {
            let journal = try open()
            #expect(try await journal.entry(for: key("a")) == .unknown)
            try await journal.start(key("a"), task: task(epoch: 7))
        }
        let next = try open()
        #expect(
            try await next.entry(for: key("a"))
                == .interrupted(InterruptedStart(deaths: 1, cancellationEpoch: 7, storeID: "s")))
        #expect(try await next.entry(for: key("a", retry: 1)) == .unknown)
        #expect(try await next.entry(for: key("a", run: 1)) == .unknown)
    }

    @Test("An outcome is kept word for word, and told apart from one that has reached the broker")
    func outcomes() async throws {
        let outcomes: [StoredOutcome] = [reply, .retry(body: [1, 2], delay: .milliseconds(1500)), .silence]
        for (index, outcome) in outcomes.enumerated() {
            let name = "task-\(index)"
            do {
                let journal = try open()
                try await journal.start(key(name), task: task())
                try await journal.finish(key(name), task: task(), outcome: outcome)
                #expect(try await journal.entry(for: key(name)) == .finished(outcome, isSettled: false))
            }
            let next = try open()
            #expect(try await next.entry(for: key(name)) == .finished(outcome, isSettled: false))
            await next.settle(key(name))
            #expect(try await next.entry(for: key(name)) == .finished(outcome, isSettled: true), "at once")
            #expect(await next.probe())
            #expect(try await next.entry(for: key(name)) == .finished(outcome, isSettled: true), "and on disk")
        }
    }

    @Test("What was taken over from the broker is handed to the next process whole, until it is settled")
    func unfinished() async throws {
        do {
            let journal = try open()
            try await journal.keep(key("waits"), task: task(body: "waiting"))
            try await journal.start(key("runs"), task: task(body: "running"))
            try await journal.keep(key("runs"), task: task(body: "running"))
            try await journal.start(key("ended"), task: task(body: "ended"))
            try await journal.keep(key("ended"), task: task(body: "ended"))
            try await journal.finish(key("ended"), task: task(), outcome: reply)
            try await journal.start(key("quick"), task: task(body: "the broker still has it"))
            try await journal.keep(key("settled"), task: task(body: "settled"))
            try await journal.finish(key("settled"), task: task(), outcome: reply)
            await journal.settle(key("settled"))
            #expect(await journal.probe())
        }
        let next = try open()
        let unfinished = try await next.unfinished()
        #expect(unfinished.map(\.key) == [key("waits"), key("runs"), key("ended")])
        #expect(unfinished.first?.task == task(body: "waiting"))
        #expect(unfinished.map { String(decoding: $0.task.body, as: UTF8.self) } == ["waiting", "running", "ended"])
        #expect(try await next.entry(for: key("waits")) == .waiting)
    }

    @Test("Settling drops the body, also when the takeover is written after it")
    func settlingDropsBody() async throws {
        let journal = try open()
        try await journal.start(key("a"), task: task())
        try await journal.keep(key("a"), task: task(body: "secret body"))
        try await journal.finish(key("a"), task: task(), outcome: reply)
        await journal.settle(key("a"))
        try await journal.keep(key("a"), task: task(body: "secret body"))
        let count = try database { connection in
            try connection.query("SELECT count(*) FROM task WHERE body IS NOT NULL OR kept = 1") { $0.integer(0) }.first
        }
        #expect(count == 0)
        #expect(try await journal.unfinished().isEmpty)
    }

    @Test("Only a death counts, an orderly stop does not")
    func deaths() async throws {
        do {
            let journal = try open()
            try await journal.start(key("a"), task: task())
            await journal.close()
        }
        for deaths in 0..<3 {
            let journal = try open()
            #expect(
                try await journal.entry(for: key("a")) == .interrupted(InterruptedStart(deaths: deaths, storeID: "s")))
            try await journal.start(key("a"), task: task())
        }
        let last = try open()
        #expect(try await last.entry(for: key("a")) == .interrupted(InterruptedStart(deaths: 3, storeID: "s")))
        let bystander = try open()
        #expect(
            try await bystander.entry(for: key("a")) == .interrupted(InterruptedStart(deaths: 3, storeID: "s")),
            "a process that never ran it did not die of it")
    }

    @Test(
        "A parked attempt that does not come back is named after a while, with everything that parking it again needs")
    func overdue() async throws {
        let journal = try open()
        let mark = ParkedMark(storeID: "s", cancellationEpoch: 3)
        var parked = task()
        parked.mark = mark
        for name in ["lost", "back"] {
            try await journal.start(key(name), task: task())
            try await journal.finish(
                key(name), task: parked, outcome: .retry(body: Array(name.utf8), delay: .seconds(60)))
            await journal.settle(key(name))
        }
        try await journal.start(key("back", retry: 1), task: task())
        #expect(await journal.overdue().isEmpty)
        clock.advance(by: .seconds(60 + 299))
        #expect(await journal.overdue().isEmpty, "a busy agent is no reason")
        clock.advance(by: .seconds(2))
        let expected = ParkedAttempt(
            body: Array("lost".utf8), replyTo: "replies", correlationID: "c", answersCancellation: true, delay: .zero,
            mark: mark)
        #expect(await journal.overdue() == [OverdueAttempt(key: key("lost"), attempt: expected)])
        #expect(await journal.overdue().isEmpty, "not again at once")
        clock.advance(by: .seconds(301))
        #expect(await journal.overdue().count == 1)
        clock.advance(by: .seconds(301))
        #expect(await journal.overdue().isEmpty, "and with growing pauses")
        #expect(
            try await journal.entry(for: key("back"))
                == .finished(.retry(body: [], delay: .seconds(60)), isSettled: true))
    }

    @Test("Asking for what is overdue waits on no thread but the journal's own")
    func overdueElsewhere() async throws {
        let journal = try open()
        try await journal.start(key("lost"), task: task())
        try await journal.finish(key("lost"), task: task(), outcome: .retry(body: [1], delay: .zero))
        await journal.settle(key("lost"))
        #expect(await journal.probe())
        clock.advance(by: .seconds(301))
        let (isHeld, mayGo) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let holder = ThreadPool(name: "holder", limit: 1)
        let holding = Task(executorPreference: holder) {
            try journal.useWriter { _ in
                isHeld.signal()
                return mayGo.wait(timeout: .now() + 20) == .success
            }
        }
        await Task(executorPreference: ThreadPool(name: "waiter", limit: 1)) { isHeld.wait() }.value
        let runtime = DispatchThread(name: "asker")
        let overdue = Task(executorPreference: runtime) { await journal.overdue() }
        await Task(executorPreference: runtime) {}.value
        mayGo.signal()
        #expect(try await holding.value, "the asking thread was free while the journal was not")
        #expect(await overdue.value.map(\.key) == [key("lost")])
    }

    @Test(
        "Over its limit the journal forgets settled outcomes, oldest first, and nothing that is still to be done",
        arguments: [KeyFolder.threshold, 100])
    func maximumBytes(foldsAt: Int) async throws {
        let limits = JournalLimits(maximumBytes: 4 << 20)
        let journal = try open(limits: limits, foldsAt: foldsAt)
        try await journal.keep(key("open"), task: task(body: "still to be done"))
        try await journal.finish(
            key("parked"), task: task(), outcome: .retry(body: Array("parked".utf8), delay: .seconds(60)))
        await journal.settle(key("parked"))
        let big = StoredOutcome.reply([UInt8](repeating: 7, count: 4000))
        for number in 0..<3000 {
            try await journal.finish(key("n-\(number)"), task: task(), outcome: big)
            await journal.settle(key("n-\(number)"))
        }
        #expect(try await journal.entry(for: key("n-0")) == .unknown)
        #expect(try await journal.entry(for: key("n-2999")) == .finished(big, isSettled: true))
        #expect(try await journal.entry(for: key("open")) == .waiting)
        #expect(
            try await journal.entry(for: key("parked"))
                == .finished(.retry(body: Array("parked".utf8), delay: .seconds(60)), isSettled: true))
        let used = try database { connection in try JournalTidying.usedBytes(&connection) }
        #expect(used < 8 << 20)
        let keys = try database { connection in
            try connection.query(
                """
                SELECT count(*), count(task.id) FROM task_index LEFT JOIN task
                ON task.id = task_index.id AND task.key = task_index.key
                """
            ) { [$0.integer(0), $0.integer(1)] }.first ?? []
        }
        #expect(keys.first == keys.last, "what is forgotten is not in the index")
        #expect((keys.first ?? 0 > 0) == (foldsAt == 100))
    }

    @Test("After its window an outcome is forgotten, and so is a start whose message never came again")
    func window() async throws {
        try await open().start(key("lost start"), task: task())
        let journal = try open()
        try await journal.start(key("runs"), task: task())
        try await journal.finish(key("old"), task: task(), outcome: reply)
        await journal.settle(key("old"))
        try await journal.keep(key("open"), task: task())
        clock.advance(by: .seconds(8 * 86_400))
        try await journal.finish(key("new"), task: task(), outcome: reply)
        try database { connection in
            var tidying = JournalTidying()
            tidying.begin()
            while tidying.isUnderWay {
                _ = try tidying.slice(&connection, limits: JournalLimits(), now: clock.now())
            }
        }
        #expect(try await journal.entry(for: key("lost start")) == .unknown)
        #expect(
            try await journal.entry(for: key("runs")) == .interrupted(InterruptedStart(deaths: 0, storeID: "s")),
            "what runs is not forgotten, however long it takes")
        #expect(try await journal.entry(for: key("old")) == .unknown)
        #expect(try await journal.entry(for: key("open")) == .waiting)
        #expect(try await journal.entry(for: key("new")) == .finished(reply, isSettled: false))
    }

    @Test("An outcome is stored also when its row was forgotten while the operation ran")
    func outcomeWithoutRow() async throws {
        let journal = try open()
        for (name, outcome) in [("reply", reply), ("retry", .retry(body: [1], delay: .seconds(60)))] {
            try await journal.start(key(name), task: task())
            try database { connection in try connection.run("DELETE FROM task") }
            try await journal.finish(key(name), task: task(), outcome: outcome)
            #expect(try await open().entry(for: key(name)) == .finished(outcome, isSettled: false))
        }
        try await journal.keep(key("kept"), task: task())
        try database { connection in try connection.run("DELETE FROM task") }
        try await journal.keep(key("kept"), task: task())
        #expect(try await open().unfinished().map(\.key) == [key("kept")])
    }

    @Test(
        "A task that went back to the broker without an outcome can be taken over again, whatever happens in between",
        arguments: [KeyFolder.threshold, 1, 3])
    func takenOverAgain(foldsAt: Int) async throws {
        var generator = SystemRandomNumberGenerator()
        for round in 0..<30 {
            let key = key("hop-\(round)", retry: 1)
            var isStarted = false
            do {
                let journal = try open(foldsAt: foldsAt)
                for _ in 0..<Int.random(in: 1...3, using: &generator) {
                    try await journal.keep(key, task: task(body: "first"))
                    if Int.random(in: 0..<4, using: &generator) == 0 {
                        try await journal.start(key, task: task())
                        isStarted = true
                    }
                    for number in 0..<Int.random(in: 0...4, using: &generator) {
                        try await journal.start(self.key("other-\(round)-\(number)"), task: task())
                    }
                    await journal.settle(key)
                    if Bool.random(using: &generator) { #expect(await journal.probe()) }
                }
                #expect(await journal.probe())
                let entry = try await journal.entry(for: key)
                if isStarted {
                    guard case .interrupted = entry else {
                        Issue.record("\(entry): that it was started is forgotten")
                        continue
                    }
                } else {
                    #expect(entry == .unknown)
                }
                #expect(try await journal.unfinished().allSatisfy { $0.key != key })
                try await journal.keep(key, task: task(body: "again"))
            }
            let next = try open(foldsAt: foldsAt)
            let found = try await next.unfinished().first { $0.key == key }
            #expect(found?.task.body == Array("again".utf8))
            try await next.finish(key, task: task(), outcome: .silence)
            await next.settle(key)
            #expect(await next.probe())
        }
        let strays = try database { connection in
            try connection.query("SELECT count(*) FROM task_index WHERE id NOT IN (SELECT id FROM task)") {
                $0.integer(0)
            }
        }
        #expect(strays == [0], "what is gone is not in the index")
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

    @Test("An attempt is watched until it is back for good, and not only on its way through the agent")
    func watchedOverHops() async throws {
        let journal = try open()
        try await journal.finish(key("a"), task: task(), outcome: .retry(body: [1], delay: .seconds(90_000)))
        await journal.settle(key("a"))
        var hop = task()
        hop.mark.remaining = .seconds(3_600)
        try await journal.keep(key("a", retry: 1), task: hop)
        await journal.settle(key("a", retry: 1))
        #expect(await journal.probe())
        clock.advance(by: .seconds(90_301))
        #expect(await journal.overdue().map(\.key) == [key("a")], "the broker lost the rest of the delay")
        try await journal.keep(key("a", retry: 1), task: hop)
        try await journal.start(key("a", retry: 1), task: task())
        clock.advance(by: .seconds(90_000))
        #expect(await journal.overdue().isEmpty)
    }

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

    @Test("When all rows are forgotten, new ones do not take the numbers that an index may still know")
    func rowNumbers() async throws {
        do {
            let journal = try open(foldsAt: 8)
            // The oldest row stays, and with it the filter of its neighbours.
            try await journal.keep(key("open"), task: task())
            for number in 0..<100 {
                try await journal.finish(key("old-\(number)"), task: task(), outcome: reply)
                await journal.settle(key("old-\(number)"))
            }
            #expect(await journal.probe())
            clock.advance(by: .seconds(8 * 86_400))
            try database { connection in
                var tidying = JournalTidying()
                tidying.begin()
                while tidying.isUnderWay {
                    _ = try tidying.slice(&connection, limits: JournalLimits(), now: clock.now())
                }
                _ = try KeySegment.forgetEmpty(&connection)
            }
        }
        for round in 0..<3 {
            let journal = try open(foldsAt: 8)
            for number in 0..<20 { try await journal.start(key("new-\(round)-\(number)"), task: task()) }
            for number in 0..<20 {
                #expect(
                    try await journal.entry(for: key("new-\(round)-\(number)"))
                        == .interrupted(InterruptedStart(deaths: 0, storeID: "s")))
            }
            #expect(try await journal.entry(for: key("old-50")) == .unknown)
            #expect(try await journal.entry(for: key("open")) == .waiting)
        }
    }

    @Test(
        "On a full disk nothing is started; what has ended is remembered in memory and written when there is room again"
    )
    func fullDisk() async throws {
        let journal = try open()
        try await journal.start(key("runs"), task: task())
        // SQLite's own limit on the size of the file stands for the disk's.
        try journal.limitPages(toCurrent: true)
        await #expect(throws: SQLiteError.self) {
            for number in 0..<1000 { try await journal.start(key("full-\(number)"), task: task()) }
        }
        #expect(journal.problem?.contains("full") == true)
        await #expect(throws: SQLiteError.self) {
            try await journal.finish(
                key("runs"), task: task(), outcome: .reply([UInt8](repeating: 1, count: 100_000)))
        }
        await journal.settle(key("runs"))
        #expect(await journal.probe() == false)
        try journal.limitPages(toCurrent: false)
        #expect(await journal.probe())
        #expect(journal.problem == nil)
        #expect(
            try await journal.entry(for: key("runs"))
                == .finished(.reply([UInt8](repeating: 1, count: 100_000)), isSettled: true))
    }

    @Test(
        "Whatever happens in whatever order, a reopened journal says what a model in memory says, wherever it keeps its keys",
        arguments: [KeyFolder.threshold, 4])
    func againstModel(foldsAt: Int) async throws {
        var generator = SystemRandomNumberGenerator()
        var model: [TaskKey: JournalEntry] = [:]
        var startedLately: Set<TaskKey> = []
        for _ in 0..<12 {
            let journal = try open(foldsAt: foldsAt)
            for (key, entry) in model {
                if case .interrupted(let start) = entry, startedLately.contains(key) {
                    model[key] = .interrupted(InterruptedStart(deaths: start.deaths + 1, storeID: "s"))
                }
                #expect(try await journal.entry(for: key) == model[key])
            }
            startedLately = []
            for _ in 0..<60 {
                let key = key("t-\(Int.random(in: 0..<20, using: &generator))")
                switch (Int.random(in: 0..<4, using: &generator), model[key]) {
                case (0, nil), (0, .waiting):
                    try await journal.start(key, task: task())
                    model[key] = .interrupted(InterruptedStart(deaths: 0, storeID: "s"))
                    startedLately.insert(key)
                case (1, nil):
                    try await journal.keep(key, task: task())
                    model[key] = .waiting
                case (2, .interrupted), (2, .waiting):
                    try await journal.finish(key, task: task(), outcome: reply)
                    model[key] = .finished(reply, isSettled: false)
                case (3, .finished):
                    await journal.settle(key)
                    model[key] = .finished(reply, isSettled: true)
                default: break
                }
            }
            #expect(await journal.probe())
        }
    }

    private func database<Value>(_ body: (inout SQLiteConnection) throws -> Value) throws -> Value {
        var connection = try SQLiteConnection(path: path)
        return try body(&connection)
    }
}
