import AgentRuntime
import Glibc
import Operative
import Testing

@Suite("Cancellation, time limits and stopping", .timeLimit(.minutes(3)))
struct CancellationTests {
    @Test("Cancelling an execution ends what runs and what waits of it, silently, and nothing of others")
    func cancel() async throws {
        let gate = Gate()
        let harness = try RuntimeHarness([
            Operation("t") { _ in
                await gate.pass()
                try await Task.sleep(for: .seconds(3_600))
            },
            Operation("other") { _ in },
        ]) { $0.concurrency = 1 }
        try await harness.serve {
            let running = harness.send(TaskDraft("t", id: "running"))
            let waiting = harness.send(TaskDraft("t", id: "waiting"))
            let other = harness.send(TaskDraft("other", id: "other").with { $0.execution = "execution-2" })
            gate.open()
            await gate.arrival(1)
            _ = await harness.sendService("cancel-operation", ["execution_id": "execution-1"]).settled()
            for receipt in [running, waiting, other] { #expect(await receipt.settled() == .acknowledged) }
        }
        #expect(gate.arrivals == 1)
        // The answer to cancel-operation itself (null), and that of the other execution.
        #expect(harness.answers.count == 2)
        #expect(harness.answers.contains(["ok": true, "result": nil]))
    }

    @Test("A sender that asks for it is told that its task was cancelled")
    func answersCancellation() async throws {
        let gate = Gate()
        let harness = try RuntimeHarness([
            Operation("t") { _ in
                await gate.pass()
                try await Task.sleep(for: .seconds(3_600))
            }
        ])
        try await harness.serve {
            let receipt = harness.send(TaskDraft("t").with { $0.answersCancellation = true })
            gate.open()
            await gate.arrival(1)
            _ = await harness.sendService("cancel-operation", ["execution_id": "execution-1"]).settled()
            _ = await receipt.settled()
        }
        #expect(harness.answers.contains { $0["error"]?["exception_type"] == "ProcessKillCancelled" })
    }

    @Test("A sender that asks for it is told so too when its task was cancelled while parked")
    func answersCancellationOfParked() async throws {
        let harness = try RuntimeHarness([Operation("t") { ctx in try ctx.operation.retry(after: .seconds(9)) }])
        try await harness.serve {
            let draft = TaskDraft("t").with { $0.answersCancellation = true }
            _ = await harness.send(draft).settled()
            let mark = try #require(harness.sink.parked.first?.mark)
            _ = await harness.sendService("cancel-operation", ["execution_id": "execution-1"]).settled()
            _ = await harness.send(draft.with { $0.retryNumber = 1 }, parked: mark).settled()
        }
        #expect(harness.answers.contains { $0["error"]?["exception_type"] == "ProcessKillCancelled" })
    }

    @Test("A cancellation handler that blocks holds up neither pings nor its own time limit")
    func blockingHandler() async throws {
        let gate = Gate()
        let harness = try RuntimeHarness([
            Operation("rude") { _ in
                await withTaskCancellationHandler {
                    await gate.pass()
                } onCancel: {
                    // Blocks its thread until the test lets go.
                    while !gate.isOpen { usleep(1_000) }
                }
            }
        ]) { $0.cancellationGrace = .milliseconds(20) }
        try await harness.serve {
            let receipt = harness.send(TaskDraft("rude"))
            await gate.arrival(1)
            _ = await harness.sendService("cancel-operation", ["execution_id": "execution-1"]).settled()
            #expect(await harness.sendService("ping").settled() == .acknowledged)
            #expect(await receipt.settled() == .acknowledged)
            gate.open()
        }
    }

    @Test(
        "An operation over its time is answered; one that ignores cancellation too, and it keeps its slot until it ends",
        arguments: [true, false])
    func timeout(isRecoverable: Bool) async throws {
        let gate = Gate()
        let harness = try RuntimeHarness([Operation("deaf") { _ in await gate.pass() }, Operation("next") { _ in }]) {
            $0.concurrency = 1
            $0.timeoutGrace = .milliseconds(20)
            $0.retry.mode = .reply
        }
        try await harness.serve {
            let deaf = harness.send(
                TaskDraft("deaf", id: "deaf").with {
                    $0.timeout = 0.05
                    $0.timeoutRecoverable = isRecoverable
                })
            #expect(await deaf.settled() == .acknowledged)
            let error = try #require(harness.answers.first?["error"])
            #expect(error["known_exception_type"] == (isRecoverable ? "RecoverableError" : "NonRecoverableError"))
            #expect(error["message"]?.stringValue?.contains("timeout of 0.05 seconds") == true)
            let next = harness.send(TaskDraft("next", id: "next"))
            _ = await harness.sendService("ping").settled()
            #expect(next.fate == .open, "the stuck operation still holds the only slot")
            gate.open()
            #expect(await next.settled() == .acknowledged)
        }
    }

    @Test("Stopping hands back what waits, lets running operations finish, and answers them")
    func drain() async throws {
        let gate = Gate()
        let harness = try RuntimeHarness([Operation("t") { _ in await gate.pass() }]) { $0.concurrency = 1 }
        let serving = Task { await harness.runtime.run() }
        let running = harness.send(TaskDraft("t", id: "running"))
        await gate.arrival(1)
        let waiting = harness.send(TaskDraft("t", id: "waiting"))
        _ = await harness.sendService("ping").settled()
        harness.runtime.requestStop()
        await harness.untilTrue("what waits is handed back") { waiting.fate != .open }
        #expect(waiting.fate == .released)
        #expect(harness.operations.isStopped, "or the broker would hand it out here again")
        #expect(running.fate == .open)
        gate.open()
        #expect(await running.settled() == .acknowledged)
        await serving.value
    }

    @Test(
        "After drain_timeout a running operation is cancelled and answered as interrupted; a resumable one goes back marked to resume"
    )
    func drainTimeout() async throws {
        let gate = Gate()
        let sleeper: @Sendable (OperationContext) async throws -> Void = { _ in
            await gate.pass()
            try await Task.sleep(for: .seconds(3_600))
        }
        let harness = try RuntimeHarness([
            Operation("plain", sleeper), Operation("resumable", resumable: true, sleeper),
        ]) {
            $0.drainTimeout = .milliseconds(30)
        }
        let serving = Task { await harness.runtime.run() }
        _ = harness.send(TaskDraft("plain", id: "plain"))
        _ = harness.send(TaskDraft("resumable", id: "resumable"))
        gate.open()
        await gate.arrival(2)
        harness.runtime.requestStop()
        await serving.value
        #expect(harness.answers.count == 1)
        #expect(harness.answers.first?["error"]?["message"]?.stringValue?.contains("drain_timeout") == true)
        let parked = try #require(harness.sink.parked.first)
        #expect(
            try PropertyValue(json: parked.body)["cloudify_task"]?["kwargs"]?["__cloudify_context"]?["resume"] == true)
    }

    @Test("An operation that stops the agent is answered first, then the agent drains")
    func stopAgent() async throws {
        let harness = try RuntimeHarness([Operation("stop") { _ in throw StopAgentRequest() }])
        let receipt = harness.send(TaskDraft("stop"))
        await harness.runtime.run()
        #expect(receipt.fate == .acknowledged)
        #expect(harness.answers == [["ok": true]])
        #expect(harness.runtime.wasStoppedByTask)
    }

    @Test("What a cancelled operation has changed is saved where it ran, not on threads that any plugin may block")
    func savedOnOwnThreads() async throws {
        let gate = Gate()
        let manager = ThreadRecordingManager()
        let harness = try RuntimeHarness(
            [
                Operation("t") { ctx in
                    try await ctx.instance.modifyRuntimeProperties { $0["changed"] = true }
                    await gate.pass()
                    while !Task.isCancelled { try? await Task.sleep(for: .seconds(60)) }
                }
            ], manager: manager
        ) { $0.cancellationGrace = .seconds(60) }
        try await harness.serve {
            let receipt = harness.send(TaskDraft("t"))
            gate.open()
            await gate.arrival(1)
            _ = await harness.sendService("cancel-operation", ["execution_id": "execution-1"]).settled()
            #expect(await receipt.settled() == .acknowledged)
        }
        #expect(manager.threads.map { $0.hasPrefix("op-operation") } == [true], "\(manager.threads)")
    }
}
