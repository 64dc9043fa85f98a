import AMQPClient
import AgentRuntime
import AgentTestSupport
import Foundation
import Journal
import Operative
import Testing

@Suite("Redelivery storms", .rabbitMQ, .timeLimit(.minutes(3)))
struct RedeliveryStormTests {
    private static let copies = 1_000

    @Test("1,000 copies of a task before its run, 1,000 during it and 1,000 after it: one run, and equal answers only")
    func storm() async throws {
        let broker = RabbitMQ.current
        let place = FileManager.default.temporaryDirectory.appending(path: "operative-storm-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: place) }
        let manager = try await TestManager(broker)
        let (runs, gate) = (Milestone(), Milestone())
        let operation = Operation("t") { (_: OperationContext) in
            runs.change()
            await gate.reach(1)
            // Two runs could not answer alike.
            return PropertyValue.object(["run": .integer(runs.count), "chance": .string(UUID().uuidString)])
        }
        let journal = try SQLiteJournal(in: StateDirectory(path: place.path))
        let agent = try AgentUnderTest([operation], broker: broker.client(), journal: journal)

        try await sendCopies(manager)
        try await agent.serve {
            await runs.reach(1)
            try await sendCopies(manager)
            try await untilTaken(manager)
            gate.change()
            _ = await manager.collect(1)
            try await sendCopies(manager)
            try await untilTaken(manager)
        }

        // Behind every answer.
        _ = try await manager.connection.publish(
            AMQPMessage(
                routingKey: TestManager.replyQueue, body: [], properties: AMQPProperties(correlationID: "end")))
        var answers: [[UInt8]: Int] = [:]
        for await delivery in manager.replies {
            delivery.acknowledge()
            if delivery.correlationID == "end" { break }
            answers[delivery.body.bytes, default: 0] += 1
        }
        #expect(runs.count == 1)
        #expect(answers.count == 1)
        // The first one was collected above. Copies that come while one is answered share its answer.
        #expect((answers.values.first ?? 0) >= 1)
        let left = try await manager.connection.withChannel { channel in
            try await channel.inspect(queue: "\(AgentUnderTest.queue)_operation").messageCount
        }
        #expect(left == 0)
        await manager.close()
    }

    private func sendCopies(_ manager: TestManager) async throws {
        try await withThrowingTaskGroup { group in
            for _ in 0..<20 {
                group.addTask {
                    for _ in 0..<(Self.copies / 20) { try await manager.send("t", id: "storm") }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Returns when the agent has fetched everything.
    private func untilTaken(_ manager: TestManager) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        try await manager.connection.withChannel { channel in
            while try await channel.inspect(queue: "\(AgentUnderTest.queue)_operation").messageCount > 0 {
                try #require(ContinuousClock.now < deadline, "the agent does not take the copies")
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }
}
