import AgentRuntime
import Logging
import Operative
import Testing

@Suite("Logs and events", .timeLimit(.minutes(3)))
struct TelemetryTests {
    @Test("Records come in order with gap-free numbers, and all of them before the reply")
    func order() async throws {
        let harness = try RuntimeHarness([
            Operation("t") { ctx in
                for number in 0..<20 { ctx.logger.info("line \(number)") }
                ctx.sendEvent("event")
            }
        ]) { $0.taskEvents = .agent }
        try await harness.serve { _ = await harness.send(TaskDraft("t")).settled() }
        #expect(harness.sink.records.map(\.sequence) == (1...23).map { $0 })
        #expect(harness.sink.events == ["task_started", "plugin_event", "task_succeeded"])
        guard case .reply = harness.sink.entries.last else {
            Issue.record("the reply is not last")
            return
        }
    }

    @Test(
        "The reply waits for the confirmation of the last record, but not for ever, and says so when it did not wait long enough"
    )
    func flush() async throws {
        let sink = RecordingSink()
        sink.holdRecords()
        let harness = try RuntimeHarness([Operation("t") { ctx in ctx.logger.info("x") }], sink: sink) {
            $0.flushTimeout = .seconds(3_600)
        }
        try await harness.serve {
            let receipt = harness.send(TaskDraft("t"))
            _ = await harness.sendService("ping").settled()
            #expect(receipt.fate == .open)
            sink.releaseRecords()
            #expect(await receipt.settled() == .acknowledged)
        }
        let late = RecordingSink()
        late.holdRecords()
        let second = try RuntimeHarness([Operation("t") { ctx in ctx.logger.info("x") }], sink: late) {
            $0.flushTimeout = .milliseconds(20)
        }
        try await second.serve { #expect(await second.send(TaskDraft("t")).settled() == .acknowledged) }
        #expect(late.replies.map(\.hasLateRecords) == [true])
        #expect(sink.replies.allSatisfy { !$0.hasLateRecords })
        let last = try #require(late.records.last)
        #expect(
            try PropertyValue(json: last.body)["message"]?["text"]?.stringValue?.hasSuffix("they follow it") == true)
    }

    @Test("Log records that find no room are left out and counted exactly; events are not")
    func omission() async throws {
        let sink = RecordingSink()
        let harness = try RuntimeHarness(
            [
                Operation("t") { ctx in
                    sink.reportPending(bytes: 1 << 30)
                    for _ in 0..<7 { ctx.logger.info("lost") }
                    ctx.sendEvent("kept")
                    for _ in 0..<2 { ctx.logger.info("lost") }
                    sink.reportPending(bytes: 0)
                    ctx.logger.info("kept")
                }
            ], sink: sink)
        try await harness.serve { _ = await harness.send(TaskDraft("t")).settled() }
        let texts = sink.records.compactMap { try? PropertyValue(json: $0.body)["message"]?["text"]?.stringValue }
        #expect(texts.count == 4)
        #expect(texts.first?.hasPrefix("7 records missing") == true)
        #expect(texts[1] == "kept")
        #expect(texts[2].hasPrefix("2 records missing"))
        #expect(sink.records.map(\.missing) == [7, 0, 2, 0])
        #expect(sink.records.map(\.sequence) == [1, 8, 9, 11])
    }

    @Test(
        "Outcome events follow the outcome",
        arguments: [
            (Optional<Duration>.none, ["task_started", "task_failed"]),
            (.seconds(1), ["task_started", "task_rescheduled"]),
        ])
    func events(delay: Duration?, expected: [String]) async throws {
        let harness = try RuntimeHarness([
            Operation("t") { ctx in
                if let delay { try ctx.operation.retry(after: delay) }
                throw NonRecoverableError("no")
            }
        ]) { $0.taskEvents = .agent }
        try await harness.serve { _ = await harness.send(TaskDraft("t")).settled() }
        #expect(harness.sink.events == expected)
    }

    @Test("Runtime properties are kept between operations, also when one fails")
    func runtimeProperties() async throws {
        let harness = try RuntimeHarness([
            Operation("fail") { ctx in
                try await ctx.instance.modifyRuntimeProperties { $0["a"] = ["nested": 1] }
                throw NonRecoverableError("no")
            },
            Operation("read") { (ctx: OperationContext) in try await ctx.instance.runtimeProperties["a"]?["nested"] },
        ])
        try await harness.serve {
            _ = await harness.send(TaskDraft("fail", id: "1")).settled()
            _ = await harness.send(TaskDraft("read", id: "2")).settled()
        }
        #expect(harness.answers.last == ["ok": true, "result": 1])
    }
}
