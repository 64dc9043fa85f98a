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
            #expect(harness.archive.keptCount == 1)
            #expect(await harness.send(TaskDraft("t", id: "b")).settled() == .acknowledged)
            await sink.settlements(3)
        }
        #expect(harness.archive.undeliverable.isEmpty)
    }

    @Test("A reply that an earlier process could not deliver is tried again at the start, one that was refused is not")
    func undeliveredEarlier() async throws {
        let sink = RecordingSink()
        let harness = try RuntimeHarness([], sink: sink)
        let kept = ["refused": UndeliverableReply.Reason.refused, "unroutable": .unroutable]
        for (name, reason) in kept {
            let reply = OutgoingReply(address: name, correlationID: nil, body: [1])
            _ = await harness.archive.keepUndeliverable(
                UndeliverableReply(reply: reply, taskID: nil, reason: reason))
        }
        try await harness.serve {
            await sink.settlements(1)
        }
        #expect(sink.replies.map(\.address) == ["unroutable"])
        #expect(harness.archive.undeliverable.map(\.reason) == [.refused])
    }

    @Test("A reply that was delivered by other means is neither kept nor tried again")
    func deliveredOtherwise() async throws {
        let sink = RecordingSink()
        sink.answer(Array(repeating: .unroutable, count: 1_000))
        let harness = try RuntimeHarness([Operation("t") { _ in }], sink: sink)
        try await harness.serve {
            for id in ["a", "b"] {
                let draft = TaskDraft("t", id: id).with { $0.correlationID = id }
                #expect(await harness.send(draft).settled() == .acknowledged)
            }
            #expect(harness.archive.undeliverable.map(\.taskID) == ["a", "b"])
            await harness.runtime.delivered(keptAs: "u1")
            #expect(harness.archive.undeliverable.map(\.taskID) == ["b"])
            // Both have the same pauses: by the second try of the other one, this one's would have come.
            let sent = sink.replies.count
            await harness.untilTrue("the other one is tried again") {
                sink.replies.dropFirst(sent).count { $0.correlationID == "b" } >= 2
            }
            #expect(!sink.replies.dropFirst(sent).contains { $0.correlationID == "a" })
        }
    }

    @Test("What waits on disk takes the places of those that were delivered or given up; nothing starts over")
    func moreThanPlaces() async throws {
        let sink = RecordingSink()
        // Those in the first two places are given up, all others are delivered.
        sink.answer(.unroutable, .unroutable)
        let harness = try RuntimeHarness([], sink: sink) { configuration in
            configuration.undeliverableLimit = 2
            configuration.undeliverableRetry = .seconds(1)
        }
        for number in 1...5 {
            let reply = OutgoingReply(address: "\(number)", correlationID: nil, body: [1])
            _ = await harness.archive.keepUndeliverable(
                UndeliverableReply(reply: reply, taskID: nil, reason: .unroutable))
        }
        try await harness.serve {
            await harness.untilTrue("all others are delivered") { harness.archive.undeliverable.count == 2 }
        }
        #expect(Set(sink.replies.map(\.address)).count == 5)
        #expect(sink.replies.count == 5)
        #expect(Set(harness.archive.undeliverable.map(\.reply.address)) == ["1", "2"])
    }

    @Test("The same reply to copies of a task is tried as one, and nothing of it stays kept once it is delivered")
    func copies() async throws {
        let harness = try RuntimeHarness([])
        let reply = OutgoingReply(address: "replies", correlationID: "c", body: [1])
        for _ in 0..<3 {
            _ = await harness.archive.keepUndeliverable(
                UndeliverableReply(reply: reply, taskID: "t", reason: .unroutable))
        }
        try await harness.serve {
            await harness.untilTrue("it is delivered") { harness.archive.undeliverable.isEmpty }
        }
        #expect(harness.sink.replies == [reply])
    }
}
