import AMQPClient
import AgentTestSupport
import Testing

@Suite("Recovery", .rabbitMQ, .timeLimit(.minutes(5)))
struct RecoveryTests {
    @Test("When its queue is deleted, the consumer hears of it, and consumes again from the queue declared anew")
    func queueDeleted() async throws {
        try await withConnection { connection in
            let events = connection.events.subscribe()
            try await connection.declare(
                AMQPTopology(
                    exchanges: [AMQPExchange(name: "in")], queues: [AMQPQueue(name: "fragile")],
                    bindings: [AMQPBinding(queue: "fragile", exchange: "in", routingKey: "k")]))
            let deliveries = try await connection.consume(AMQPConsumer(queue: "fragile", prefetch: 1, tag: "me"))
            try await RabbitMQ.current.node.management.deleteQueue("fragile", virtualHost: RabbitMQ.current.virtualHost)
            let event = await waitFor(events) { if case .consumerCancelled = $0 { true } else { false } }
            #expect(event == .consumerCancelled(tag: "me", queue: "fragile"))
            try await eventually("the queue and its binding are back") {
                try await connection.publish(AMQPMessage(exchange: "in", routingKey: "k", body: [7])) == .confirmed
            }
            let delivery = try #require(await first(of: deliveries))
            #expect(delivery.body.bytes == [7])
            delivery.acknowledge()
        }
    }

    @Test(
        "After the broker closed the connection, declared things are declared, consuming goes on, and late acknowledgements harm nobody"
    )
    func connectionClosed() async throws {
        try await withConnection { connection in
            let events = connection.events.subscribe()
            let queue = AMQPQueue(name: "passing", durable: false, exclusive: true)
            try await connection.declare(AMQPTopology(queues: [queue, AMQPQueue(name: "lasting")]))
            let deliveries = try await connection.consume(AMQPConsumer(queue: "lasting", prefetch: 10))
            for number in 0..<3 { #expect(try await connection.publish(numbered(number, to: "lasting")) == .confirmed) }
            var iterator = deliveries.makeAsyncIterator()
            var early: [AMQPDelivery] = []
            for _ in 0..<3 { early.append(try #require(await iterator.next())) }

            try await closeConnectionsByBroker()
            guard case .lost(let reason)? = await waitFor(events, isLost) else { return }
            #expect(reason.code == .connectionClosed)
            #expect(reason.replyCode == 320)
            #expect(await waitFor(events, isConnected) != nil)

            for delivery in early { delivery.acknowledge() }
            for number in 0..<3 {
                let delivery = try #require(await iterator.next())
                #expect(delivery.number == number)
                #expect(delivery.redelivered)
                delivery.acknowledge()
            }
            // The exclusive queue went with the old connection; it is there because it was declared again.
            #expect(try await connection.publish(numbered(9, to: "passing")) == .confirmed)
            await connection.cancel(deliveries)
            #expect(try await readyMessages("lasting", connection) == 0)
        }
    }

    @Test("Messages that were not confirmed when the connection broke are sent again in their order: none is lost")
    func resending() async throws {
        try await withConnection { connection in
            let events = connection.events.subscribe()
            try await connection.declare(AMQPTopology(queues: [AMQPQueue(name: "all")]))
            let outcomes = Collector<AMQPPublishOutcome>()
            let count = 20_000
            let sender = Task {
                for number in 0..<count {
                    await connection.sendWhenThereIsRoom(numbered(number, to: "all")) { outcomes.add($0) }
                }
            }
            for _ in 0..<3 {
                try await closeConnectionsByBroker()
                _ = await waitFor(events, isLost)
                _ = await waitFor(events, isConnected)
            }
            await sender.value
            await outcomes.wait(for: count)
            #expect(outcomes.elements.allSatisfy { $0 == .confirmed })

            let deliveries = try await connection.consume(AMQPConsumer(queue: "all", prefetch: 0))
            let total = try await readyMessages("all", connection)
            var firstSeen: [Int] = []
            var known = Set<Int>()
            for await delivery in deliveries {
                let number = delivery.number ?? -1
                if known.insert(number).inserted { firstSeen.append(number) }
                delivery.acknowledge()
                if known.count == count { break }
            }
            #expect(firstSeen == Array(0..<count))
            #expect(total >= 0)
        }
    }

    @Test("With one broker away, the other one of the list is used")
    func otherEndpoint() async throws {
        try await withConnection(
            { $0.endpoints.append(AMQPEndpoint(host: "127.0.0.1", port: 1)) },
            { connection in
                let events = connection.events.subscribe()
                for _ in 0..<3 {
                    try await closeConnectionsByBroker()
                    let event = await waitFor(events, isConnected)
                    #expect(event == .connected(AMQPEndpoint(host: RabbitMQ.current.host, port: RabbitMQ.current.port)))
                }
            })
    }
}

extension AMQPConnection {
    /// Sends without waiting for the confirm, a little slower than the broker takes it.
    nonisolated func sendWhenThereIsRoom(
        _ message: AMQPMessage, _ completion: @escaping @Sendable (AMQPPublishOutcome) -> Void
    ) async {
        while outboxBytes > 200_000 { await Task.yield() }
        send(message, completion: completion)
    }
}
