import AgentExecutors
import AgentRuntime
import Foundation
import Operative
import Testing

@Suite("Status of the runtime", .timeLimit(.minutes(3)))
struct RuntimeStatusTests {
    @Test("What runs and what waits is shown with its execution, and afterwards how it ended and how long it took")
    func wayOfATask() async throws {
        let gate = Gate()
        let harness = try RuntimeHarness([
            Operation("held") { _ in await gate.pass() },
            Operation("bad") { _ in throw NonRecoverableError("no") },
            Operation("again") { ctx in try ctx.operation.retry(after: .seconds(9)) },
        ]) { $0.concurrency = 1 }
        try await harness.serve {
            let receipts = [
                harness.send(TaskDraft("held", id: "1")), harness.send(TaskDraft("bad", id: "2")),
                harness.send(TaskDraft("again", id: "3")),
            ]
            await gate.arrival(1)
            // The others are in line once a later service task has been served.
            _ = await harness.sendService("ping").settled()
            let busy = harness.runtime.status
            #expect(busy.slots == 1 && busy.busySlots == 1 && !busy.isDraining)
            #expect(busy.count(.running) == 1 && busy.count(.waiting) == 2)
            let running = try #require(busy.tasks.first { $0.phase == .running })
            #expect(running.taskID == "1" && running.operation == "held" && running.executionID == "execution-1")
            #expect(running.since <= busy.taken)
            #expect(busy.recent.isEmpty)

            gate.open()
            for receipt in receipts { _ = await receipt.settled() }
        }
        // An operation's answer may be out a moment before its thread gives the slot back.
        await harness.untilTrue("no slot is taken") { harness.runtime.status.busySlots == 0 }
        let idle = harness.runtime.status
        #expect(idle.isDraining && idle.tasks.isEmpty)
        #expect(idle.recent.map(\.taskID) == ["3", "2", "1"], "newest first")
        #expect(idle.recent.map(\.kind) == [.rescheduled, .failed, .succeeded])
        #expect(idle.recent.allSatisfy { ($0.duration ?? .zero) > .zero })
        #expect(idle.ended == [.rescheduled: 1, .failed: 1, .succeeded: 1])
    }

    @Test("An operation that ignores cancellation is shown as stuck, with its slot, until it has really ended")
    func stuck() async throws {
        let gate = Gate()
        let harness = try RuntimeHarness([Operation("deaf") { _ in await gate.pass() }, Operation("next") { _ in }]) {
            $0.concurrency = 1
            $0.timeoutGrace = .milliseconds(20)
            $0.retry.mode = .reply
        }
        try await harness.serve {
            let deaf = harness.send(TaskDraft("deaf", id: "deaf").with { $0.timeout = 0.05 })
            _ = await deaf.settled()
            let status = harness.runtime.status
            #expect(status.tasks.map(\.phase) == [.stuck])
            #expect(status.tasks.first?.taskID == "deaf")
            #expect(status.busySlots == 1)
            gate.open()
            // It gets the slot that the stuck one gives back when it has ended.
            _ = await harness.send(TaskDraft("next", id: "next")).settled()
            #expect(harness.runtime.status.count(.stuck) == 0)
        }
    }

    @Test("A suspect waits for long operations for a while, then runs beside them; status says who waits for whom")
    func suspect() async throws {
        let (long, suspect) = (Gate(), Gate())
        let harness = try RuntimeHarness(
            [
                Operation("long") { _ in await long.pass() },
                Operation("suspect", resumable: true) { _ in await suspect.pass() },
                Operation("other") { _ in },
            ], journal: BreakableJournal(suspects: ["s"])
        ) { $0.alonePatience = .milliseconds(300) }
        try await harness.serve {
            let running = harness.send(TaskDraft("long", id: "l"))
            await long.arrival(1)
            #expect(harness.runtime.status.waitsFor == nil)
            let alone = harness.send(TaskDraft("suspect", id: "s"))
            await harness.untilTrue("it waits, or runs") { harness.runtime.status.waitsFor != nil }
            // Only now: tasks that come together may overtake each other on their way to a slot.
            let other = harness.send(TaskDraft("other", id: "o"))
            await suspect.arrival(1)
            #expect(long.isOpen == false)
            await harness.untilTrue("the other waits") { harness.runtime.status.count(.waiting) == 1 }
            #expect(
                harness.runtime.status.waitsFor
                    == "suspect (task s), which the agent died of more than once, runs alone; 1 task waits for it to end"
            )
            #expect(other.fate == .open)
            suspect.open()
            for receipt in [alone, other] { #expect(await receipt.settled() == .acknowledged) }
            #expect(harness.runtime.status.waitsFor == nil)
            long.open()
            _ = await running.settled()
        }
    }

    @Test("While a suspect waits, status says for how many operations and for how long")
    func waitingSuspect() async throws {
        let long = Gate()
        let harness = try RuntimeHarness(
            [
                Operation("long") { _ in await long.pass() }, Operation("suspect", resumable: true) { _ in },
                Operation("other") { _ in },
            ], journal: BreakableJournal(suspects: ["s"]))
        try await harness.serve {
            _ = harness.send(TaskDraft("long", id: "l"))
            await long.arrival(1)
            let alone = harness.send(TaskDraft("suspect", id: "s"))
            let other = harness.send(TaskDraft("other", id: "o"))
            await harness.untilTrue("both wait") {
                let text = harness.runtime.status.waitsFor ?? ""
                return text.hasPrefix("suspect (task s), which the agent died of more than once, is to run alone: ")
                    && text.contains("it waits for 1 operation to end, at most ")
                    && text.hasSuffix(" s more; 1 task waits behind it")
            }
            long.open()
            for receipt in [alone, other] { #expect(await receipt.settled() == .acknowledged) }
        }
    }

    @Test("What runs is shown before what waits, however many wait, and the room that they have in the journal")
    func order() async throws {
        let gate = Gate()
        let harness = try RuntimeHarness([Operation("held") { _ in await gate.pass() }], journal: BreakableJournal()) {
            $0.concurrency = 1
            $0.keepWaitingAfter = .milliseconds(10)
            $0.waitingRoom = 5
        }
        try await harness.serve {
            for number in 0..<4 { harness.send(TaskDraft("held", id: "\(number)")) }
            await gate.arrival(1)
            await harness.untilTrue("three are taken over") { harness.runtime.status.roomTaken == 3 }
            let status = harness.runtime.status
            #expect(status.tasks.map(\.phase) == [.running, .waiting, .waiting, .waiting])
            #expect(status.roomSize == 5 && !status.isRoomFull)
            for number in 4..<9 { harness.send(TaskDraft("held", id: "\(number)")) }
            await harness.untilTrue("the room is full") { harness.runtime.status.isRoomFull }
            #expect(harness.runtime.intakeProblem == "as many wait as the journal may hold")
            #expect(harness.runtime.status.problem == nil, "it works as it should")
            gate.open()
            await harness.untilTrue("there is room again") { !harness.runtime.status.isRoomFull }
        }
    }

    @Test("It is there while the runtime's own thread is blocked")
    func blockedRuntime() async throws {
        let harness = try RuntimeHarness([Operation("t") { _ in }])
        try await harness.serve {
            let entered = DispatchSemaphore(value: 0)
            let leave = DispatchSemaphore(value: 0)
            // The completion runs on the runtime's thread and keeps it.
            harness.runtime.cancel(executionID: "none") { _ in
                entered.signal()
                leave.wait()
            }
            entered.waitForIt()
            #expect(harness.runtime.status.cancellations == 1)
            leave.signal()
        }
    }

    @Test("Only the latest hundred outcomes are kept, and all are counted")
    func bounded() async throws {
        let harness = try RuntimeHarness([Operation("t") { _ in }])
        try await harness.serve {
            for number in 0..<150 { _ = await harness.send(TaskDraft("t", id: "\(number)")).settled() }
        }
        let status = harness.runtime.status
        #expect(status.recent.count == 100)
        #expect(status.recent.first?.taskID == "149" && status.recent.last?.taskID == "50")
        #expect(status.ended == [.succeeded: 150])
    }

    @Test("Cancelling from the agent's own machine does what the service task does")
    func cancel() async throws {
        let gate = Gate()
        let harness = try RuntimeHarness([
            Operation("t") { ctx in
                if ctx.operation.retryNumber == 0, ctx.execution.id == "execution-2" {
                    try ctx.operation.retry(after: .seconds(9))
                }
                await gate.pass()
                try await Task.sleep(for: .seconds(3_600))
            }
        ])
        try await harness.serve {
            let parked = TaskDraft("t", id: "parked").with { $0.execution = "execution-2" }
            _ = await harness.send(parked).settled()
            let mark = try #require(harness.sink.parked.first?.mark)
            let running = harness.send(TaskDraft("t", id: "running"))
            gate.open()
            await gate.arrival(1)
            let counts = await [cancel("execution-1", harness), cancel("execution-2", harness)]
            #expect(counts == [1, 0])
            #expect(await running.settled() == .acknowledged)
            #expect(await harness.send(parked.with { $0.retryNumber = 1 }, parked: mark).settled() == .acknowledged)
        }
        #expect(gate.arrivals == 1, "the parked attempt did not run")
        #expect(harness.runtime.status.ended[.cancelled] == 2)
    }

    private func cancel(_ execution: String, _ harness: RuntimeHarness) async -> Int {
        await withCheckedContinuation { continuation in
            harness.runtime.cancel(executionID: execution) { continuation.resume(returning: $0.tasks) }
        }
    }
}

extension DispatchSemaphore {
    /// Blocks; named apart because `wait` is kept from asynchronous code, where this test means it.
    fileprivate func waitForIt() { wait() }
}
