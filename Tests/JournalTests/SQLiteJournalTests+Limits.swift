import AgentRuntime
import Testing

@testable import Journal

/// What is forgotten, and that nothing else is.
extension SQLiteJournalTests {
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
}
