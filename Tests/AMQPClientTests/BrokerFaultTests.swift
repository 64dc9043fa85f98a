import AMQPClient
import AgentTestSupport
import Testing

/// Faults of a whole node: these tests have one of their own and take turns on it.
@Suite("Broker faults", .serialized, .timeLimit(.minutes(8)))
struct BrokerFaultTests {
    private static let nodeTask = Task {
        let node = try RabbitMQNode()
        try await node.start()
        return node
    }

    private func withBroker(_ body: @Sendable (RabbitMQ) async throws -> Void) async throws {
        try await RabbitMQ.withVirtualHost(on: try await Self.nodeTask.value, body)
    }

    @Test("A node that is killed under load loses nothing that was confirmed, and nothing that was not")
    func killedUnderLoad() async throws {
        try await withBroker { broker in
            try await withConnection { connection in
                let events = connection.events.subscribe()
                try await connection.declare(AMQPTopology(queues: [AMQPQueue(name: "load")]))
                let outcomes = Collector<AMQPPublishOutcome>()
                // Mnesia writes its log every two seconds: a durable queue younger than that goes with a killed node, whatever
                // was confirmed in it. That is the broker's promise, not ours, and not what is tested here.
                try await broker.node.control("eval", "disk_log:sync(latest_log).")
                let count = 30_000
                let sender = Task {
                    for number in 0..<count {
                        await connection.sendWhenThereIsRoom(numbered(number, to: "load")) { outcomes.add($0) }
                    }
                }
                await outcomes.wait(for: 2000)
                try await broker.node.kill()
                #expect(await waitFor(events, isLost) != nil)
                try await broker.node.start()
                #expect(await waitFor(events, isConnected) != nil)
                await sender.value
                await outcomes.wait(for: count)
                #expect(outcomes.elements.allSatisfy { $0 == .confirmed })

                let deliveries = try await connection.consume(AMQPConsumer(queue: "load", prefetch: 500))
                var missing = Set(0..<count)
                // Consuming ends when everything is there, or when the queue is empty.
                while !missing.isEmpty, let delivery = await first(of: deliveries) {
                    if let number = delivery.number { missing.remove(number) }
                    delivery.acknowledge()
                    if delivery.number == count - 1 { break }
                }
                #expect(missing.count == 0, "\(missing.sorted().prefix(5)) to \(missing.max() ?? 0) are missing")
            }
        }
    }

    @Test(
        "A broker that falls silent is given up after two heartbeats, closing does not wait for it, and it is found again"
    )
    func frozen() async throws {
        try await withBroker { broker in
            try await withConnection({ $0.heartbeat = .seconds(1) }) { connection in
                try await withConnection({ $0.heartbeat = .seconds(1) }) { closing in
                    let events = connection.events.subscribe()
                    broker.node.freeze()
                    let watch = Stopwatch()
                    let closed = await Stopwatch.measure { await closing.close(within: .zero) }
                    #expect(closed < .seconds(1))
                    let lost = await waitFor(events, isLost)
                    broker.node.thaw()
                    #expect(watch.stop() < .seconds(4))
                    guard case .lost(let reason)? = lost else { return }
                    #expect(reason.code == .connectionLost)
                    #expect(await waitFor(events, isConnected) != nil)
                }
            }
        }
    }

    @Test(
        "While the broker is short of memory publishing waits, consuming goes on, and afterwards everything is confirmed"
    )
    func blocked() async throws {
        try await withBroker { broker in
            try await withConnection { publisher in
                try await withConnection { consumer in
                    let events = publisher.events.subscribe()
                    try await publisher.declare(AMQPTopology(queues: [AMQPQueue(name: "slow")]))
                    #expect(try await publisher.publish(numbered(0, to: "slow")) == .confirmed)
                    try await broker.node.control("set_vm_memory_high_watermark", "0.000001")
                    let outcomes = Collector<AMQPPublishOutcome>()
                    // The broker tells only those who publish.
                    for number in 1...50 { publisher.send(numbered(number, to: "slow")) { outcomes.add($0) } }
                    let blocked = await waitFor(events) { if case .blocked = $0 { true } else { false } }
                    #expect(blocked == .blocked(reason: "low on memory"))
                    let deliveries = try await consumer.consume(AMQPConsumer(queue: "slow", prefetch: 10))
                    let delivery = try #require(await first(of: deliveries))
                    #expect(delivery.number == 0)
                    delivery.acknowledge()
                    await consumer.cancel(deliveries)
                    for number in 51...100 { publisher.send(numbered(number, to: "slow")) { outcomes.add($0) } }
                    #expect(outcomes.elements.count < 100)
                    try await broker.node.control("set_vm_memory_high_watermark", "0.6")
                    #expect(await waitFor(events) { $0 == .unblocked } == .unblocked)
                    await outcomes.wait(for: 100)
                    #expect(outcomes.elements.allSatisfy { $0 == .confirmed })
                }
            }
        }
    }
}
