import AgentProtocol
import AgentRuntime
import Operative
import Testing

@Suite("The way of a task", .timeLimit(.minutes(3)))
struct TaskFlowTests {
    @Test("An operation's result is answered with the sender's correlation id, and the task is acknowledged only then")
    func success() async throws {
        let gate = Gate()
        let harness = try RuntimeHarness([
            Operation("t") { (_: OperationContext) in
                await gate.pass()
                return "done"
            }
        ])
        try await harness.serve {
            let receipt = harness.send(TaskDraft("t"))
            await gate.arrival(1)
            #expect(receipt.fate == .open)
            gate.open()
            #expect(await receipt.settled() == .acknowledged)
            #expect(harness.sink.replies.map(\.correlationID) == ["correlation-1"])
            #expect(harness.sink.replies.map(\.address) == ["replies"])
            #expect(harness.answers == [["ok": true, "result": "done"]])
        }
    }

    @Test("A task without a reply address runs and is acknowledged without an answer")
    func noReplyAddress() async throws {
        let runs = Counter()
        let harness = try RuntimeHarness([Operation("t") { _ in runs.add() }])
        try await harness.serve {
            #expect(await harness.send(TaskDraft("t").with { $0.replyTo = "" }).settled() == .acknowledged)
        }
        #expect(runs.value == 1)
        #expect(harness.sink.replies.isEmpty)
    }

    @Test(
        "While the process lives a task runs once: copies before, during and after its run are acknowledged with it, and a later one gets the stored answer"
    )
    func duplicates() async throws {
        let runs = Counter()
        let gate = Gate()
        let harness = try RuntimeHarness([
            Operation("t") { (_: OperationContext) in
                await gate.pass()
                return runs.add()
            }
        ])
        try await harness.serve {
            let early = (0..<50).map { _ in harness.send(TaskDraft("t"), redelivered: true) }
            await gate.arrival(1)
            let during = (0..<50).map { _ in harness.send(TaskDraft("t")) }
            gate.open()
            for receipt in early + during { #expect(await receipt.settled() == .acknowledged) }
            let before = harness.sink.replies.count
            #expect(await harness.send(TaskDraft("t")).settled() == .acknowledged)
            #expect(harness.sink.replies.count == before + 1)
        }
        #expect(runs.value == 1)
        #expect(Set(harness.sink.replies.map(\.body)).count == 1)
    }

    @Test("A resumed execution (same id, new token) is new work; a redelivery (same token) is not")
    func newToken() async throws {
        let runs = Counter()
        let harness = try RuntimeHarness([Operation("t") { _ in runs.add() }])
        try await harness.serve {
            _ = await harness.send(TaskDraft("t")).settled()
            _ = await harness.send(TaskDraft("t")).settled()
            #expect(runs.value == 1)
            _ = await harness.send(TaskDraft("t").with { $0.token = "token-2" }).settled()
        }
        #expect(runs.value == 2)
    }

    @Test("Without an id the correlation id identifies a task; without both nothing is taken for a copy")
    func identity() async throws {
        let runs = Counter()
        let harness = try RuntimeHarness([Operation("t") { _ in runs.add() }])
        try await harness.serve {
            for _ in 0..<3 { _ = await harness.send(TaskDraft("t", id: nil)).settled() }
            #expect(runs.value == 1)
            for _ in 0..<3 { _ = await harness.send(TaskDraft("t", id: nil).with { $0.correlationID = nil }).settled() }
        }
        #expect(runs.value == 4)
    }

    @Test("No more operations run at once than concurrency allows, and those that wait start in their order")
    func concurrency() async throws {
        let gate = Gate()
        let harness = try RuntimeHarness([Operation("t") { _ in await gate.pass() }]) { $0.concurrency = 2 }
        try await harness.serve {
            let receipts = (0..<5).map { number in harness.send(TaskDraft("t", id: "task-\(number)")) }
            await gate.arrival(2)
            // A ping goes through the same thread: when it is answered, the other tasks have had their chance.
            _ = await harness.sendService("ping").settled()
            #expect(gate.arrivals == 2)
            gate.open()
            for receipt in receipts { #expect(await receipt.settled() == .acknowledged) }
        }
        #expect(gate.arrivals == 5)
    }

    @Test("An unknown task name is answered with a non-recoverable error that lists near matches")
    func unknownName() async throws {
        let harness = try RuntimeHarness([Operation("webserver.start") { _ in }])
        try await harness.serve { _ = await harness.send(TaskDraft("webserver.strat")).settled() }
        let error = try #require(harness.answers.first?["error"])
        #expect(error["known_exception_type"] == "NonRecoverableError")
        #expect(error["message"]?.stringValue?.contains("'webserver.start'") == true)
    }

    @Test("An interrupted task is answered with why; a resumable one runs with ctx.resume")
    func interrupted() async throws {
        let keys = ["plain", "resumable"].map { TaskKey(taskID: $0, retryNumber: 0, executionToken: "token-1") }
        let harness = try RuntimeHarness(
            [
                Operation("plain") { (_: OperationContext) in "ran" },
                Operation("resumable", resumable: true) { (ctx: OperationContext) in ctx.resume },
            ], journal: InMemoryJournal(isFresh: false, interrupted: keys))
        try await harness.serve {
            _ = await harness.send(TaskDraft("plain", id: "plain")).settled()
            _ = await harness.send(TaskDraft("resumable", id: "resumable")).settled()
        }
        #expect(harness.answers.first?["ok"] == false)
        #expect(harness.answers.last == ["ok": true, "result": true])
    }

    @Test(
        "With a new state directory a redelivered task is answered with journal.lost, one that is not redelivered runs")
    func lostJournal() async throws {
        let runs = Counter()
        let harness = try RuntimeHarness(
            [Operation("t") { _ in runs.add() }], journal: InMemoryJournal(isFresh: true))
        try await harness.serve {
            _ = await harness.send(TaskDraft("t", id: "old"), redelivered: true).settled()
            #expect(runs.value == 0)
            _ = await harness.send(TaskDraft("t", id: "new")).settled()
        }
        #expect(runs.value == 1)
        #expect(harness.answers.first?["error"]?["message"]?.stringValue?.contains("journal.lost") == true)
    }
}
