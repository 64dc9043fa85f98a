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
        let idle = harness.runtime.status
        #expect(idle.isDraining && idle.busySlots == 0 && idle.tasks.isEmpty)
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
            harness.runtime.cancel(executionID: execution) { continuation.resume(returning: $0) }
        }
    }
}

extension DispatchSemaphore {
    /// Blocks; named apart because `wait` is kept from asynchronous code, where this test means it.
    fileprivate func waitForIt() { wait() }
}
