import AgentRuntime
import Glibc
import Operative
import Testing

@Suite("Service tasks", .timeLimit(.minutes(3)))
struct ServiceTaskTests {
    @Test("A ping is answered with the time while every slot is blocked and waiting tasks queue up")
    func pingWhileBlocked() async throws {
        let gate = Gate()
        let harness = try RuntimeHarness([Operation("t") { _ in await gate.pass() }]) { $0.concurrency = 2 }
        try await harness.serve {
            let receipts = (0..<10).map { harness.send(TaskDraft("t", id: "\($0)")) }
            await gate.arrival(2)
            #expect(await harness.sendService("ping", nil).settled() == .acknowledged)
            await harness.sink.settlements(1)
            #expect((harness.answers.first?["time"]?.doubleValue ?? 0) > 1_700_000_000)
            gate.open()
            for receipt in receipts { _ = await receipt.settled() }
        }
    }

    @Test(
        "While no answer gets out, 500 pings hold nothing up: each is acknowledged, and a cancellation behind them is obeyed"
    )
    func answersHeldUp() async throws {
        let gate = Gate()
        let harness = try RuntimeHarness([
            Operation("t") { _ in
                await gate.pass()
                try await Task.sleep(for: .seconds(3_600))
            }
        ])
        harness.sink.holdAnswers()
        try await harness.serve {
            let running = harness.send(TaskDraft("t"))
            gate.open()
            await gate.arrival(1)
            // 16 are being sent; the others wait behind them, and have expired when their turn comes.
            let pings = (0..<500).map { harness.sendService("ping", expiration: $0 < 16 ? nil : .zero) }
            let cancel = harness.sendService("cancel-operation", ["execution_id": "execution-1"])
            for receipt in pings { #expect(await receipt.settled() == .acknowledged) }
            #expect(await cancel.settled() == .acknowledged)
            #expect(await running.settled() == .acknowledged)
            let late = harness.sendService("ping")
            #expect(await late.settled() == .acknowledged)
            #expect(harness.answers == [])
            harness.sink.releaseAnswers()
            await harness.sink.settlements(18)
        }
        #expect(
            harness.answers.count == 18,
            "what was being sent, the cancellation's answer, the late pong, and no stale one")
    }

    @Test(
        "Unknown and malformed service tasks are answered in the Cloudify agent's words",
        arguments: [
            (#"{"service_task": {"task_name": "no-such-task", "kwargs": {}}}"#, "KeyError('no-such-task')"),
            (#"{"service_task": {"task_name": "cancel-operation", "kwargs": {}}}"#, "TypeError("),
            (#"{"service_task": {"task_name": "install-plugin", "kwargs": {}}}"#, "NotImplementedError("),
            (#"{"service_task": {"task_name": "replace-ca-certs", "kwargs": {}}}"#, "NotImplementedError("),
            ("nonsense", "ValueError("), (#"{"service_task": {}}"#, "ValueError("),
        ])
    func errors(body: String, expected: String) async throws {
        let harness = try RuntimeHarness([])
        try await harness.serve {
            #expect(await harness.sendRaw(.complete(Array(body.utf8)), toServices: true).settled() == .acknowledged)
        }
        #expect(harness.answers.first?["ok"] == false)
        #expect(harness.answers.first?["error"]?.stringValue?.hasPrefix(expected) == true)
    }
}
