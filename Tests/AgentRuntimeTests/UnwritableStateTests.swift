import AgentExecutors
import Operative
import Testing

@testable import AgentRuntime

@Suite("While the state directory cannot be written", .timeLimit(.minutes(2)))
struct UnwritableStateTests {
    @Test("Whoever finds that out, intake ends with a reason that status shows, and begins again by itself")
    func intake() async throws {
        let gate = Gate()
        let journal = BreakableJournal()
        let harness = try RuntimeHarness([Operation("t") { _ in await gate.pass() }], journal: journal) {
            $0.keepStartedAfter = .milliseconds(10)
        }
        try await harness.serve {
            #expect(harness.runtime.intakeProblem == nil)
            journal.setBroken(true)
            // Nothing is going on: the watchdog's look finds it.
            await harness.runtime.checkStorage()
            await harness.untilTrue("intake ends") { harness.operations.isPaused }
            #expect(harness.runtime.status.problem == "the journal cannot be written: the disk is full")
            #expect(harness.runtime.intakeProblem == harness.runtime.status.problem)
            journal.setBroken(false)
            await harness.untilTrue("intake begins again") { !harness.operations.isPaused }
            #expect(harness.runtime.intakeProblem == nil)
            #expect(harness.runtime.status.problem == nil)
        }
        gate.open()
    }

    @Test("A running operation that the journal cannot take over ends intake, and is answered all the same")
    func takeover() async throws {
        let gate = Gate()
        let journal = BreakableJournal()
        let operation = Operation("t") { _ in
            journal.setBroken(true)
            await gate.pass()
        }
        let harness = try RuntimeHarness([operation], journal: journal) { $0.keepStartedAfter = .seconds(2) }
        try await harness.serve {
            let receipt = harness.send(TaskDraft("t"))
            await gate.arrival(1)
            await harness.untilTrue("intake ends") { harness.operations.isPaused }
            gate.open()
            #expect(await receipt.settled() == .acknowledged)
            journal.setBroken(false)
            await harness.untilTrue("intake begins again") { !harness.operations.isPaused }
        }
        #expect(harness.answers.count == 1)
    }

    @Test("A cancellation reaches what is parked, the canceller hears that it is not on disk, and it is written later")
    func cancellation() async throws {
        let record = UnreliableCancellationRecord()
        let harness = try RuntimeHarness(
            [Operation("t") { ctx in try ctx.operation.retry(after: .seconds(9)) }], record: record)
        try await harness.serve {
            _ = await harness.send(TaskDraft("t")).settled()
            let mark = try #require(harness.sink.parked.first?.mark)
            record.setFull(true)
            _ = await harness.sendService("cancel-operation", ["execution_id": "execution-1"]).settled()
            await harness.untilTrue("the answer comes") { !harness.answers.isEmpty }
            #expect(harness.answers.first?["error"]?.stringValue?.contains("cannot write") == true)
            await harness.untilTrue("intake ends") { harness.operations.isPaused }
            #expect(harness.runtime.status.problem?.contains("cancellation cannot be written") == true)
            let here = await withCheckedContinuation { continuation in
                harness.runtime.cancel(executionID: "execution-2") { continuation.resume(returning: $0) }
            }
            #expect(here.tasks == 0 && here.unwritten != nil)
            #expect(record.unwrittenCount == 2)

            record.setFull(false)
            await harness.untilTrue("intake begins again") { !harness.operations.isPaused }
            #expect(record.unwrittenCount == 0)
            #expect(harness.runtime.status.problem == nil)
            let attempt = TaskDraft("t").with { $0.retryNumber = 1 }
            #expect(await harness.send(attempt, parked: mark).settled() == .acknowledged)
        }
        #expect(harness.runtime.status.ended[.cancelled] == 1)
        #expect(harness.sink.parked.count == 1, "it did not run again")
    }

    @Test("However many tasks run and come meanwhile, the log says once that intake ends and once that it begins again")
    func quietLog() async throws {
        let gate = Gate()
        let (journal, log) = (BreakableJournal(), RecordedLog())
        let operation = Operation("t") { _ in await gate.pass() }
        let harness = try RuntimeHarness([operation], journal: journal, log: log) {
            $0.keepStartedAfter = .seconds(2)
            $0.keepWaitingAfter = .milliseconds(10)
            $0.concurrency = 3
        }
        try await harness.serve {
            let running = (0..<3).map { harness.send(TaskDraft("t", id: "\($0)")) }
            await gate.arrival(3)
            journal.setBroken(true)
            let waiting = (3..<20).map { harness.send(TaskDraft("t", id: "\($0)")) }
            await harness.untilTrue("intake ends") { harness.operations.isPaused }
            gate.open()
            for receipt in running { #expect(await receipt.settled() == .acknowledged) }
            for receipt in waiting { _ = await receipt.settled() }
            journal.setBroken(false)
            await harness.untilTrue("intake begins again") { !harness.operations.isPaused }
        }
        #expect(log.warnings == ["No new tasks: the journal cannot be written: the disk is full"])
        #expect(log.lines.count { $0.contains("can be written again") } == 1)
    }

    @Test("A disk that takes a trial and no task is tried less and less often")
    func flapping() async throws {
        let journal = BreakableJournal()
        let harness = try RuntimeHarness([], journal: journal)
        let pipeline = harness.runtime.pipeline
        let storage = StorageWatch(
            ports: harness.runtime.ports, timers: TimerThread(), loop: DispatchThread(name: "test"),
            gate: pipeline.gate, pauses: RecoveryPauses(shortest: .milliseconds(1))
        ) {}
        for round in 0..<6 {
            await storage.stopIntake()
            #expect(storage.pause == .milliseconds(1 << round))
            await harness.untilTrue("it is tried") { storage.problem == nil && !pipeline.gate.isClosed }
        }
    }
}
