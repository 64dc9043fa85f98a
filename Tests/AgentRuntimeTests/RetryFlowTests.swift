import AgentProtocol
import AgentRuntime
import Operative
import Testing

@Suite("Retries", .timeLimit(.minutes(3)))
struct RetryFlowTests {
    @Test(
        "A retry is parked with the next retry number and everything else of the task, then acknowledged, and nothing is answered"
    )
    func parked() async throws {
        let harness = try RuntimeHarness([
            Operation("t") { ctx in try ctx.operation.retry(after: .seconds(2), message: "later") }
        ])
        try await harness.serve {
            #expect(await harness.send(TaskDraft("t").with { $0.inputs = ["a": 1] }).settled() == .acknowledged)
        }
        let attempt = try #require(harness.sink.parked.first)
        #expect(attempt.delay == .seconds(2))
        #expect(attempt.replyTo == "replies" && attempt.correlationID == "correlation-1")
        let envelope = try TaskEnvelope(decoding: attempt.body)
        #expect(envelope.retryNumber == 1 && envelope.id == "task-1")
        #expect(try envelope.inputs() == ["a": 1])
        #expect(harness.sink.replies.isEmpty)
    }

    @Test("When the parked attempt comes back it runs; a second copy of it does not")
    func comesBack() async throws {
        let runs = Counter()
        let harness = try RuntimeHarness([
            Operation("t") { ctx in
                runs.add()
                if ctx.operation.retryNumber == 0 { try ctx.operation.retry(after: .zero) }
            }
        ])
        try await harness.serve {
            _ = await harness.send(TaskDraft("t")).settled()
            let mark = try #require(harness.sink.parked.first?.mark)
            let second = TaskDraft("t").with { $0.retryNumber = 1 }
            for _ in 0..<2 { _ = await harness.send(second, parked: mark).settled() }
        }
        #expect(runs.value == 2)
        #expect(harness.sink.parked.count == 1)
    }

    @Test("A delay longer than one stay goes back for the rest without running")
    func longDelay() async throws {
        let runs = Counter()
        let harness = try RuntimeHarness([Operation("t") { _ in runs.add() }])
        try await harness.serve {
            let mark = ParkedMark(storeID: harness.cancellations.storeID, cancellationEpoch: 0, remaining: .seconds(50))
            let draft = TaskDraft("t").with { $0.retryNumber = 3 }
            #expect(await harness.send(draft, parked: mark).settled() == .acknowledged)
            #expect(runs.value == 0)
            let attempt = try #require(harness.sink.parked.first)
            #expect(attempt.delay == .seconds(50) && attempt.mark.remaining == .zero)
            #expect(attempt.body == draft.body)
            _ = await harness.send(draft, parked: attempt.mark).settled()
        }
        #expect(runs.value == 1)
    }

    @Test("Where the broker keeps no delayed messages the retry is answered instead, as OperationRetry with its delay")
    func fallback() async throws {
        let harness = try RuntimeHarness(
            [Operation("t") { ctx in try ctx.operation.retry(after: .seconds(7), message: "later") }],
            sink: RecordingSink(canPark: false))
        try await harness.serve { _ = await harness.send(TaskDraft("t")).settled() }
        let error = try #require(harness.answers.first?["error"])
        #expect(error["known_exception_type"] == "OperationRetry")
        #expect(error["known_exception_type_args"] == [7])
    }

    @Test(
        "Cancelled while parked: it comes back, even to a new process that shares the record, and ends silently; sent anew it runs"
    )
    func cancelledWhileParked() async throws {
        let runs = Counter()
        let harness = try RuntimeHarness([
            Operation("t") { ctx in
                runs.add()
                if ctx.operation.retryNumber == 0 { try ctx.operation.retry(after: .seconds(9)) }
            }
        ])
        try await harness.serve {
            _ = await harness.send(TaskDraft("t")).settled()
            let mark = try #require(harness.sink.parked.first?.mark)
            _ = await harness.sendService("cancel-operation", ["execution_id": "execution-1"]).settled()
            await harness.untilTrue("the cancellation is answered") { harness.sink.replies.count == 1 }
            let back = TaskDraft("t").with { $0.retryNumber = 1 }
            #expect(await harness.send(back, parked: mark).settled() == .acknowledged)
            #expect(runs.value == 1)
            #expect(harness.sink.replies.count == 1)
            _ = await harness.send(
                TaskDraft("t").with {
                    $0.retryNumber = 1
                    $0.token = "resumed"
                }
            ).settled()
            #expect(runs.value == 2)
        }
    }
}
