import AgentRuntime
import Testing

@testable import Journal

@Suite("Journal on disk")
struct SQLiteJournalTests {
    private let place: StatePlace
    let clock = TestClock()

    init() throws { place = try StatePlace() }

    private var path: String { "\(place.path)/journal.db" }

    func open(
        limits: JournalLimits = JournalLimits(), durability: JournalDurability = .grouped,
        foldsAt: Int = KeyFolder.threshold
    ) throws -> SQLiteJournal {
        try SQLiteJournal(
            path: path, isFresh: false, limits: limits, durability: durability, foldsAt: foldsAt, now: clock.now)
    }

    func key(_ name: String, retry: Int = 0, run: UInt64 = 0) -> TaskKey {
        TaskKey(taskID: name, retryNumber: retry, run: run)
    }

    func task(_ name: String = "web.start", body: String = "{}", epoch: Int64 = 0) -> JournalledTask {
        JournalledTask(
            name: name, body: Array(body.utf8), replyTo: "replies", correlationID: "c", executionID: "e",
            answersCancellation: true, mark: ParkedMark(storeID: "s", cancellationEpoch: epoch))
    }

    let reply = StoredOutcome.reply(Array("done".utf8))

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

    func database<Value>(_ body: (inout SQLiteConnection) throws -> Value) throws -> Value {
        var connection = try SQLiteConnection(path: path)
        return try body(&connection)
    }
}
