import AgentRuntime
import Operative
import Testing

@Suite("Bad input", .timeLimit(.minutes(3)))
struct BadInputTests {
    private static let deep = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)

    @Test(
        "Whatever is no task is answered, kept, acknowledged, and the next task is served",
        arguments: [
            Array("not json".utf8), Array("[1]".utf8), Array("{}".utf8), [], [0xff, 0xfe], deep,
            Array(#"{"cloudify_task": 5}"#.utf8), Array(#"{"cloudify_task": {"kwargs": {}}}"#.utf8),
            Array(#"{"cloudify_task": {"kwargs": {"__cloudify_context": {}}}}"#.utf8),
            Array(#"{"cloudify_task": {"kwargs": {"__cloudify_context": {"task_name": 7}}}}"#.utf8),
            Array(#"{"id": 12, "cloudify_task": {"kwargs": {"__cloudify_context": {"task_name": "t"}}}}"#.utf8),
            Array(#"{"id": "x", "cloudify_task": {"kwargs": {"__cloudify_context": {"task_name": "t"}}}"#.utf8),
        ])
    func malformed(body: [UInt8]) async throws {
        let harness = try RuntimeHarness([Operation("t") { _ in }])
        try await harness.serve {
            #expect(await harness.sendRaw(.complete(body)).settled() == .acknowledged)
            #expect(await harness.send(TaskDraft("t")).settled() == .acknowledged)
        }
        #expect(harness.archive.rejected == [body])
        #expect(harness.answers.count == 2)
        #expect(harness.answers.first?["error"]?["known_exception_type"] == "NonRecoverableError")
    }

    @Test("A message over the size limit is answered with its size; what there is of it is kept")
    func oversized() async throws {
        let harness = try RuntimeHarness([])
        try await harness.serve {
            _ = await harness.sendRaw(.oversized(prefix: [1, 2], size: 99_999_999)).settled()
        }
        #expect(harness.archive.rejected == [[1, 2]])
        #expect(harness.answers.first?["error"]?["message"]?.stringValue?.contains("99999999") == true)
    }

    @Test("A reply that no queue takes is kept and tried again, and holds nothing up meanwhile")
    func undeliverable() async throws {
        let sink = RecordingSink()
        sink.answer(.unroutable, .confirmed, .confirmed)
        let harness = try RuntimeHarness([Operation("t") { _ in }], sink: sink)
        try await harness.serve {
            #expect(await harness.send(TaskDraft("t", id: "a")).settled() == .acknowledged)
            #expect(harness.archive.undeliverable.count == 1)
            #expect(await harness.send(TaskDraft("t", id: "b")).settled() == .acknowledged)
            await sink.settlements(3)
        }
        #expect(harness.archive.undeliverable.isEmpty)
    }
}
