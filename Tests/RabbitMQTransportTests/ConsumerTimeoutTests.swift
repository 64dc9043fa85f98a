import AMQPClient
import AgentRuntime
import AgentTestSupport
import Operative
import RabbitMQTransport
import Synchronization
import Testing

@Suite("RabbitMQ's acknowledgement timeout", .timeLimit(.minutes(2)))
struct ConsumerTimeoutTests {
    /// What holds as long as nothing is acknowledged before its outcome is out: the broker closes the channel and hands the tasks
    /// out again, and the copies join what runs and waits.
    @Test("Tasks older than the timeout run once and are answered once, whatever becomes of their channel")
    func runOnce() async throws {
        try await longTaskAndFiftyBehind { closed in #expect(closed > 0) }
    }

    @Test(
        "An operation that runs longer than the timeout, and 50 tasks behind it, cost no channel",
        .disabled("tasks are acknowledged with their outcome until the journal is on disk"))
    func channelStaysOpen() async throws {
        try await longTaskAndFiftyBehind { closed in #expect(closed == 0) }
    }

    /// Runs one operation for more than two timeouts in an agent with one slot, with 50 more tasks waiting for it.
    ///
    /// - Parameter judge: told how many channels the broker closed.
    private func longTaskAndFiftyBehind(_ judge: @Sendable (Int) -> Void) async throws {
        // The node looks every second (channel_tick_interval).
        let node = try RabbitMQNode(configuration: "consumer_timeout = 5000")
        try await node.start()
        defer { node.destroy() }
        try await RabbitMQ.withVirtualHost(on: node) { broker in
            let manager = try await TestManager(broker)
            let (runs, closed) = (Runs(), Milestone())
            let agent = try AgentUnderTest(
                [
                    Operation("long") { ctx in
                        runs.note(ctx.taskID)
                        try await Task.sleep(for: .seconds(12))
                    },
                    Operation("short") { ctx in runs.note(ctx.taskID) },
                ], broker: broker.client(), transport: { $0.prefetch = 60 }, runtime: { $0.concurrency = 1 })
            var answers: [String: Int] = [:]
            try await agent.serve {
                let listening = Task {
                    await agent.transport.events { _, event in
                        if case .channelClosed = event { closed.change() }
                    }
                }
                try await manager.send("long", id: "long")
                for number in 0..<50 { try await manager.send("short", id: "\(number)") }
                // Behind everything, so that a second answer would have come before it.
                for await delivery in manager.replies {
                    delivery.acknowledge()
                    let id = delivery.correlationID ?? ""
                    if id == "end" { break }
                    answers[id, default: 0] += 1
                    if answers.count == 51 { try await manager.send("short", id: "end") }
                }
                listening.cancel()
            }
            #expect(answers.count == 51)
            #expect(answers.values.allSatisfy { $0 == 1 })
            #expect(runs.all.count == 52)
            #expect(runs.all.values.allSatisfy { $0 == 1 }, "\(runs.all.filter { $1 > 1 })")
            judge(closed.count)
            await manager.close()
        }
    }
}
