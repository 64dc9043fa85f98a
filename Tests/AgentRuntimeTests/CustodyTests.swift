import AgentRuntime
import Operative
import Testing

@testable import Journal

/// The runtime over the journal on disk. A second harness over the same file stands for the next process; the first one is left where it is, as a killed one would be.
@Suite("From the broker's hands into the journal's", .timeLimit(.minutes(3)))
struct CustodyTests {
    private let place: JournalPlace

    init() throws { place = try JournalPlace() }

    private func harness(
        _ operations: [Operation], sink: RecordingSink = RecordingSink(),
        cancellations: InMemoryCancellationRecord = InMemoryCancellationRecord(), isFresh: Bool = false,
        log: RecordedLog? = nil, manager: (any Manager)? = nil,
        _ configure: (inout RuntimeConfiguration) -> Void = { _ in }
    ) throws -> RuntimeHarness {
        try RuntimeHarness(
            operations, sink: sink, journal: place.open(isFresh: isFresh), cancellations: cancellations, log: log,
            manager: manager
        ) {
            configuration in
            configuration.keepStartedAfter = .milliseconds(10)
            configuration.keepWaitingAfter = .milliseconds(20)
            configure(&configuration)
        }
    }

    @Test("A task whose operation goes on is acknowledged while it runs, and so is every copy of it; it runs once")
    func longOperation() async throws {
        let gate = Gate()
        let harness = try harness([Operation("t") { _ in await gate.pass() }])
        try await harness.serve {
            #expect(await harness.send(TaskDraft("t")).settled() == .acknowledged)
            // The start is in the journal a moment before the operation's first instruction.
            await gate.arrival(1)
            #expect(harness.sink.replies.isEmpty)
            #expect(await harness.send(TaskDraft("t"), redelivered: true).settled() == .acknowledged)
            #expect(harness.sink.replies.isEmpty)
            gate.open()
        }
        #expect(gate.arrivals == 1)
        #expect(harness.sink.replies.count == 1)
    }

    @Test("A task that waits for a slot is acknowledged meanwhile, and runs when it is free")
    func waiting() async throws {
        let gate = Gate()
        let harness = try harness([Operation("t") { _ in await gate.pass() }]) { $0.concurrency = 1 }
        try await harness.serve {
            let receipts = (0..<5).map { harness.send(TaskDraft("t", id: "task-\($0)")) }
            for receipt in receipts { #expect(await receipt.settled() == .acknowledged) }
            await gate.arrival(1)
            #expect(gate.arrivals == 1)
            gate.open()
        }
        // What waited when the agent was told to stop is in the journal, and so is that the others are settled.
        #expect(await harness.journal.probe())
        let next = try self.harness([Operation("t") { _ in await gate.pass() }])
        try await next.serve { await gate.arrival(5) }
        #expect(gate.arrivals == 5)
        #expect(harness.sink.replies.count + next.sink.replies.count == 5)
    }

    @Test(
        "When as many wait as the journal may hold, the others go back to the broker and none is taken in until half are served"
    )
    func waitingRoom() async throws {
        let (gate, log) = (Gate(), RecordedLog())
        let harness = try harness([Operation("t") { _ in await gate.pass() }], log: log) { configuration in
            configuration.concurrency = 1
            configuration.waitingRoom = 2
        }
        try await harness.serve {
            let receipts = (0..<6).map { harness.send(TaskDraft("t", id: "task-\($0)")) }
            var fates: [RecordingReceipt.Fate] = []
            for receipt in receipts { fates.append(await receipt.settled()) }
            #expect(fates == [.acknowledged, .acknowledged, .acknowledged, .released, .released, .released])
            #expect(harness.operations.isPaused)
            #expect(log.lines.count { $0.contains("until there is room") } == 1)
            gate.open()
            await gate.arrival(3)
            await harness.sink.settlements(3)
            #expect(!harness.operations.isPaused)
        }
    }

    @Test("After a kill: what waited runs, what ran is resumed or answered, what had ended is answered as it ended")
    func recovery() async throws {
        let gate = Gate()
        let killed = RecordingSink()
        killed.holdReplies()
        let first = try harness(
            [
                Operation("plain") { _ in await gate.pass() },
                Operation("resumable", resumable: true) { _ in await gate.pass() },
                Operation("quick") { (_: OperationContext) in "ended before the kill" },
            ], sink: killed
        ) { $0.concurrency = 3 }
        let serving = Task { await first.runtime.run() }
        for name in ["plain", "resumable", "quick"] {
            #expect(await first.send(TaskDraft(name, id: name)).settled() == .acknowledged)
        }
        let third = first.send(TaskDraft("plain", id: "third"))
        #expect(await third.settled() == .acknowledged)
        #expect(await first.send(TaskDraft("plain", id: "waits")).settled() == .acknowledged)
        #expect(gate.arrivals == 3)

        let next = try harness([
            Operation("plain") { (_: OperationContext) in "ran in the next process" },
            Operation("resumable", resumable: true) { (ctx: OperationContext) in ctx.resume },
            Operation("quick") { (_: OperationContext) in "ran again" },
        ])
        try await next.serve {
            await next.untilTrue("all five are answered") { next.sink.replies.count + next.sink.parked.count >= 5 }
        }
        let answers = next.answers
        #expect(answers.contains(["ok": true, "result": "ran in the next process"]))
        #expect(answers.contains(["ok": true, "result": true]))
        #expect(answers.contains(["ok": true, "result": "ended before the kill"]))
        let died = answers.filter { $0["error"]?["message"]?.stringValue?.contains("agent died") == true }
        #expect(died.count == 2)
        #expect(answers.count == 5)
        gate.open()
        killed.abandon()
        first.runtime.requestStop()
        await serving.value
    }

    @Test("A cancellation that came while the operation ran holds for the next process, too")
    func cancelledBeforeTheKill() async throws {
        let gate = Gate()
        let first = try harness([Operation("t", resumable: true) { _ in await gate.pass() }])
        let serving = Task { await first.runtime.run() }
        #expect(await first.send(TaskDraft("t")).settled() == .acknowledged)
        first.cancellations.record(executionID: "execution-1")
        let next = try harness(
            [
                Operation("t", resumable: true) { _ in await gate.pass() },
                Operation("other") { (_: OperationContext) in "ran" },
            ], cancellations: first.cancellations)
        try await next.serve { _ = await next.send(TaskDraft("other", id: "other")).settled() }
        #expect(gate.arrivals == 1)
        #expect(next.answers == [["ok": true, "result": "ran"]])
        gate.open()
        first.runtime.requestStop()
        await serving.value
    }

    @Test(
        "A resumable operation that the stop interrupts stays in the journal, unanswered, and the next start resumes it"
    )
    func resumedAfterStop() async throws {
        let started = Gate()
        started.open()
        let first = try harness([
            Operation("t", resumable: true) { _ in
                await started.pass()
                try await Task.sleep(for: .seconds(60))
            }
        ]) { $0.drainTimeout = .zero }
        try await first.serve {
            let receipt = first.send(TaskDraft("t"))
            await started.arrival(1)
            #expect(await receipt.settled() == .acknowledged)
        }
        #expect(first.sink.replies.isEmpty)
        #expect(first.sink.parked.isEmpty)
        let next = try harness([Operation("t", resumable: true) { (ctx: OperationContext) in ctx.resume }])
        try await next.serve { await next.sink.settlements(1) }
        #expect(next.answers == [["ok": true, "result": true]])
    }

    @Test(
        "What a lost journal's agent may have begun, and what waits here when this one is killed, is resumed by the next"
    )
    func lostJournalAndKill() async throws {
        let gate = Gate()
        let first = try harness(
            [
                Operation("long") { _ in await gate.pass() },
                Operation("t", resumable: true) { _ in },
            ], isFresh: true
        ) { $0.concurrency = 1 }
        let serving = Task { await first.runtime.run() }
        let long = first.send(TaskDraft("long", id: "long"))
        await gate.arrival(1)
        #expect(await long.settled() == .acknowledged)
        #expect(await first.send(TaskDraft("t"), redelivered: true).settled() == .acknowledged)

        let next = try harness([
            Operation("long") { _ in }, Operation("t", resumable: true) { (ctx: OperationContext) in ctx.resume },
        ])
        try await next.serve { await next.sink.settlements(2) }
        #expect(next.answers.contains(["ok": true, "result": true]))
        gate.open()
        first.runtime.requestStop()
        await serving.value
    }

    @Test(
        "A task whose start only the manager's record can tell is never taken for new by the next process",
        arguments: [nil, OperationState.responseSent])
    func lostJournalWithRecord(state: OperationState?) async throws {
        let gate = Gate()
        let runs = Counter()
        let manager = ScriptedManager(state: state)
        let operations = [Operation("long") { _ in await gate.pass() }, Operation("t") { _ in runs.add() }]
        let first = try harness(operations, isFresh: true, manager: manager) { $0.concurrency = 1 }
        let serving = Task { await first.runtime.run() }
        let long = first.send(TaskDraft("long", id: "long"))
        await gate.arrival(1)
        #expect(await long.settled() == .acknowledged)
        #expect(await first.send(TaskDraft("t"), redelivered: true).settled() == .acknowledged)

        let next = try harness([Operation("long") { _ in }, Operation("t") { _ in runs.add() }], manager: manager)
        try await next.serve { await next.sink.settlements(2) }
        #expect(runs.value == 0)
        #expect(next.answers.count { $0["ok"] == false } == 2)
        gate.open()
        first.runtime.requestStop()
        await serving.value
    }

    @Test("A new journal counts as new until everything is on record that a lost one's agent may have begun")
    func lostJournalAndRestart() async throws {
        let runs = Counter()
        let operations = [Operation("t") { _ in runs.add() }]
        // It ends before it has seen anything, as an agent does whose queue somebody else still has.
        try await harness(operations, isFresh: true).serve {}
        let second = try harness(operations)
        try await second.serve {
            _ = await second.send(TaskDraft("t", id: "old"), redelivered: true).settled()
            #expect(runs.value == 0 && second.answers.last?["ok"] == false)
            _ = await second.send(TaskDraft("t", id: "new")).settled()
            #expect(runs.value == 1)
        }
        // Nothing is left to come from before, so what was fetched and never begun is what the flag says nothing about.
        let third = try harness(operations)
        try await third.serve { _ = await third.send(TaskDraft("t", id: "newer"), redelivered: true).settled() }
        #expect(runs.value == 2)
    }

    @Test("A task that has its slot and waits for its manager is taken over, however full the waiting room is")
    func waitingForManager() async throws {
        let harness = try harness([Operation("t") { _ in }], manager: ScriptedManager(isSilent: true)) {
            $0.concurrency = 3
            $0.waitingRoom = 1
        }
        try await harness.serve {
            let receipts = (0..<3).map { harness.send(TaskDraft("t", id: "task-\($0)")) }
            for receipt in receipts { #expect(await receipt.settled() == .acknowledged) }
        }
    }
}
