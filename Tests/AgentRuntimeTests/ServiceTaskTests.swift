import AgentRuntime
import Glibc
import Operative
import Testing

@Suite("Service tasks", .timeLimit(.minutes(1)))
struct ServiceTaskTests {
    @Test("A ping is answered with the time while every slot is blocked and waiting tasks queue up")
    func pingWhileBlocked() async throws {
        let gate = Gate()
        let harness = try RuntimeHarness([Operation("t") { _ in await gate.pass() }]) { $0.concurrency = 2 }
        try await harness.serve {
            let receipts = (0..<10).map { harness.send(TaskDraft("t", id: "\($0)")) }
            await gate.arrival(2)
            #expect(await harness.sendService("ping", nil).settled() == .acknowledged)
            #expect((harness.answers.first?["time"]?.doubleValue ?? 0) > 1_700_000_000)
            gate.open()
            for receipt in receipts { _ = await receipt.settled() }
        }
    }

    @Test(
        "Unknown and malformed service tasks are answered in the Cloudify agent's words",
        arguments: [
            (#"{"service_task": {"task_name": "no-such-task", "kwargs": {}}}"#, "KeyError('no-such-task')"),
            (#"{"service_task": {"task_name": "cancel-operation", "kwargs": {}}}"#, "TypeError("),
            (#"{"service_task": {"task_name": "install-plugin", "kwargs": {}}}"#, "NotImplementedError("),
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
