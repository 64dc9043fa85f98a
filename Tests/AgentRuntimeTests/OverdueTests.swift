import AgentProtocol
import Operative
import Testing

@testable import AgentRuntime

@Suite("Attempts that do not come back", .timeLimit(.minutes(2)))
struct OverdueTests {
    private let journal = BreakableJournal()
    private let log = RecordedLog()

    private func attempts(_ count: Int) -> [OverdueAttempt] {
        (0..<count).map { number in
            let draft = TaskDraft("t", id: "task-\(number)").with { $0.retryNumber = 1 }
            return OverdueAttempt(
                key: TaskKey(taskID: "task-\(number)", retryNumber: 0, run: 0),
                attempt: ParkedAttempt(
                    body: draft.body, replyTo: draft.replyTo, correlationID: draft.correlationID,
                    answersCancellation: false, delay: .zero, mark: ParkedMark(storeID: "s", cancellationEpoch: 0)))
        }
    }

    private func harness(_ sink: RecordingSink = RecordingSink()) throws -> RuntimeHarness {
        try RuntimeHarness(
            [Operation("t") { (_: OperationContext) in "ran" }], sink: sink, journal: journal, log: log)
    }

    @Test("One round says so in one line, however many there are")
    func oneLine() async throws {
        let harness = try harness()
        journal.setOverdue(attempts(20))
        var holdOff = OverdueHoldOff()
        #expect(await harness.runtime.pipeline.sendOverdue(&holdOff))
        #expect(harness.sink.parked.count == 20)
        #expect(log.warnings.count == 1)
    }

    @Test("When the broker keeps no delayed messages any more they are taken up at once, and answered")
    func cannotPark() async throws {
        let sink = RecordingSink(canPark: false)
        let harness = try harness(sink)
        sink.answer([.unroutable, .refused])
        journal.setOverdue(attempts(2))
        try await harness.serve {
            var holdOff = OverdueHoldOff()
            #expect(await harness.runtime.pipeline.sendOverdue(&holdOff))
            await harness.untilTrue("both are answered") { harness.sink.replies.count == 2 }
        }
        #expect(harness.answers == [["ok": true, "result": "ran"], ["ok": true, "result": "ran"]])
        #expect(log.warnings.count == 2)
    }

    @Test("Nothing is sent again while intake is closed, or while the queue has more to hand out, but not for ever")
    func holdOff() async throws {
        let harness = try harness()
        let pipeline = harness.runtime.pipeline
        journal.setOverdue(attempts(1))
        var holdOff = OverdueHoldOff()
        await pipeline.gate.close(.noRoom)
        #expect(await pipeline.sendOverdue(&holdOff))
        #expect(harness.sink.parked.isEmpty)
        pipeline.gate.open(.noRoom)
        harness.operations.setDrained(false)
        for _ in 0..<OverdueHoldOff.limit { #expect(await pipeline.sendOverdue(&holdOff)) }
        #expect(harness.sink.parked.isEmpty)
        #expect(await pipeline.sendOverdue(&holdOff))
        #expect(harness.sink.parked.count == 1)

        journal.setOverdue(attempts(1))
        #expect(await pipeline.sendOverdue(&holdOff))
        #expect(harness.sink.parked.count == 1)
        harness.operations.setDrained(true)
        #expect(await pipeline.sendOverdue(&holdOff))
        #expect(harness.sink.parked.count == 2)
    }
}
