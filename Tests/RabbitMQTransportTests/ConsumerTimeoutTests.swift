import AMQPClient
import AgentRuntime
import AgentTestSupport
import Foundation
import Journal
import Operative
import RabbitMQTransport
import Synchronization
import Testing

@Suite("RabbitMQ's acknowledgement timeout", .timeLimit(.minutes(5)))
struct ConsumerTimeoutTests {
    @Test(
        "An operation that runs longer than the timeout, and 50 tasks behind it, cost no channel: one run and one reply each"
    )
    func channelStaysOpen() async throws {
        // The node looks every second (channel_tick_interval).
        let node = try RabbitMQNode(configuration: "consumer_timeout = 5000")
        try await node.start()
        defer { node.destroy() }
        try await RabbitMQ.withVirtualHost(on: node) { broker in
            let manager = try await TestManager(broker)
            let place = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: place) }
            let journal = try SQLiteJournal(in: StateDirectory(path: place.path))
            let (runs, closed) = (Runs(), Milestone())
            let agent = try AgentUnderTest(
                [
                    Operation("long") { ctx in
                        runs.note(ctx.taskID)
                        try await Task.sleep(for: .seconds(9))
                    },
                    Operation("short") { ctx in runs.note(ctx.taskID) },
                ], broker: broker.client(), journal: journal, transport: { $0.prefetch = 60 },
                runtime: {
                    $0.concurrency = 1
                    $0.keepWaitingAfter = .seconds(2)
                })
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
            #expect(closed.count == 0)
            await manager.close()
        }
    }
}
