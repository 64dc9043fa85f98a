import AMQPClient
import AgentTestSupport
import TestRandomness
import Testing

@Suite("Consuming", .rabbitMQ, .timeLimit(.minutes(3)))
struct ConsumingTests {
    private func declare(_ queue: AMQPQueue, _ connection: AMQPConnection, messages: Int) async throws {
        try await connection.declare(AMQPTopology(queues: [queue]))
        for number in 0..<messages {
            #expect(try await connection.publish(numbered(number, to: queue.name)) == .confirmed)
        }
    }

    @Test("Not more messages than the prefetch limit are delivered before one is acknowledged")
    func prefetch() async throws {
        try await withConnection { connection in
            try await declare(AMQPQueue(name: "bounded"), connection, messages: 10)
            let deliveries = try await connection.consume(AMQPConsumer(queue: "bounded", prefetch: 3))
            var iterator = deliveries.makeAsyncIterator()
            var taken: [AMQPDelivery] = []
            for _ in 0..<3 { taken.append(try #require(await iterator.next())) }
            #expect(try await readyMessages("bounded", connection) == 7)
            taken[1].acknowledge()
            #expect(await iterator.next()?.number == 3)
            #expect(try await readyMessages("bounded", connection) == 6)
        }
    }

    @Test("What was not acknowledged is delivered again, marked, after the connection's end; what was is not")
    func redelivery() async throws {
        try await withConnection { connection in
            try await declare(AMQPQueue(name: "again"), connection, messages: 4)
            let deliveries = try await connection.consume(AMQPConsumer(queue: "again", prefetch: 10))
            var iterator = deliveries.makeAsyncIterator()
            for number in 0..<4 {
                let delivery = try #require(await iterator.next())
                #expect(!delivery.redelivered)
                if number % 2 == 0 { delivery.acknowledge() }
            }
            await connection.close(within: .seconds(5))
        }
        try await withConnection { connection in
            let deliveries = try await connection.consume(AMQPConsumer(queue: "again", prefetch: 10))
            var iterator = deliveries.makeAsyncIterator()
            for number in [1, 3] {
                let delivery = try #require(await iterator.next())
                #expect(delivery.number == number)
                #expect(delivery.redelivered)
            }
            #expect(try await readyMessages("again", connection) == 0)
        }
    }

    @Test("A rejected message is delivered again when it is to be requeued, and dead-lettered otherwise")
    func reject() async throws {
        try await withConnection { connection in
            try await connection.declare(AMQPTopology(queues: [AMQPQueue(name: "dead")]))
            let queue = AMQPQueue(
                name: "rejecting", arguments: ["x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead"])
            try await declare(queue, connection, messages: 1)
            let deliveries = try await connection.consume(AMQPConsumer(queue: "rejecting", prefetch: 1))
            var iterator = deliveries.makeAsyncIterator()
            try #require(await iterator.next()).reject(requeue: true)
            let again = try #require(await iterator.next())
            #expect(again.redelivered)
            again.reject(requeue: false)
            try await eventually("the message is dead-lettered") { try await readyMessages("dead", connection) == 1 }
        }
    }

    @Test("Acknowledgements in random order from many tasks settle every message and never upset the broker")
    func randomOrder() async throws {
        try await withConnection { connection in
            let events = connection.events.subscribe()
            let count = 3000
            try await connection.declare(AMQPTopology(queues: [AMQPQueue(name: "random")]))
            let outcomes = Collector<AMQPPublishOutcome>()
            for number in 0..<count { connection.send(numbered(number, to: "random")) { outcomes.add($0) } }
            let deliveries = try await connection.consume(AMQPConsumer(queue: "random", prefetch: 200))
            let seen = Collector<Int>()
            await withTaskGroup { group in
                for worker in 0..<4 {
                    group.addTask {
                        var held: [AMQPDelivery] = []
                        var generator = SeededGenerator(seed: UInt64(worker))
                        for await delivery in deliveries {
                            seen.add(delivery.number ?? -1)
                            held.append(delivery)
                            while held.count > 20 {
                                held.remove(at: Int.random(in: 0..<held.count, using: &generator)).acknowledge()
                            }
                        }
                        for delivery in held.shuffled(using: &generator) { delivery.acknowledge() }
                    }
                }
                await seen.wait(for: count)
                await connection.cancel(deliveries)
            }
            #expect(Set(seen.elements).count == count)
            #expect(seen.elements.count == count)
            await connection.close(within: .seconds(5))
            for await event in events {
                if case .channelClosed(let error) = event { Issue.record("the broker closed a channel: \(error)") }
            }
        }
        try await withConnection { connection in
            try await expectReady(0, in: "random", connection)
        }
    }

    @Test("Batches bring the same messages in the same order")
    func batches() async throws {
        try await withConnection { connection in
            try await declare(AMQPQueue(name: "batched"), connection, messages: 50)
            let deliveries = try await connection.consume(AMQPConsumer(queue: "batched", prefetch: 20))
            var numbers: [Int] = []
            for await batch in deliveries.batches {
                #expect((1...20).contains(batch.count))
                for delivery in batch {
                    numbers.append(delivery.number ?? -1)
                    delivery.acknowledge()
                }
                if numbers.count == 50 { break }
            }
            #expect(numbers == Array(0..<50))
        }
    }

    @Test("Of a message above the size limit only the beginning is delivered, and it can be settled like any other")
    func oversized() async throws {
        try await withConnection(
            { $0.maximumMessageBytes = 1 << 20 },
            { connection in
                try await connection.declare(AMQPTopology(queues: [AMQPQueue(name: "huge")]))
                let body = (0..<(3 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 7) }
                #expect(try await connection.publish(AMQPMessage(routingKey: "huge", body: body)) == .confirmed)
                #expect(try await connection.publish(numbered(2, to: "huge")) == .confirmed)
                let deliveries = try await connection.consume(AMQPConsumer(queue: "huge", prefetch: 1))
                var iterator = deliveries.makeAsyncIterator()
                let huge = try #require(await iterator.next())
                #expect(huge.body == .oversized(prefix: Array(body.prefix(1 << 20)), size: UInt64(body.count)))
                huge.reject(requeue: false)
                #expect(await iterator.next()?.number == 2)
            })
    }

    @Test("After cancelling, deliveries can still be acknowledged, and buffered ones go back when asked for")
    func cancel() async throws {
        try await withConnection { connection in
            try await declare(AMQPQueue(name: "cancelled"), connection, messages: 5)
            let deliveries = try await connection.consume(AMQPConsumer(queue: "cancelled", prefetch: 5))
            let delivery = try #require(await first(of: deliveries))
            try await eventually("all are delivered") { try await readyMessages("cancelled", connection) == 0 }
            await connection.cancel(deliveries, requeueBuffered: true)
            #expect(await first(of: deliveries) == nil)
            try await eventually("four are back") { try await readyMessages("cancelled", connection) == 4 }
            delivery.acknowledge()
            await connection.close(within: .seconds(5))
        }
        try await withConnection { connection in
            try await expectReady(4, in: "cancelled", connection)
        }
    }

    @Test("A cancelled task stops waiting for deliveries, and nobody loses one by it")
    func taskCancellation() async throws {
        try await withConnection { connection in
            try await connection.declare(AMQPTopology(queues: [AMQPQueue(name: "waiting")]))
            let deliveries = try await connection.consume(AMQPConsumer(queue: "waiting", prefetch: 5))
            let waiting = Task { await first(of: deliveries) }
            waiting.cancel()
            #expect(await waiting.value == nil)
            #expect(try await connection.publish(numbered(1, to: "waiting")) == .confirmed)
            #expect(await first(of: deliveries)?.number == 1)
        }
    }

    @Test("Cancelling is no reason to consume again, not even a word about it, however early it comes")
    func cancelEarly() async throws {
        try await withConnection { connection in
            let events = connection.events.subscribe()
            try await declare(AMQPQueue(name: "brief"), connection, messages: 20)
            for _ in 0..<10 {
                let deliveries = try await connection.consume(AMQPConsumer(queue: "brief", prefetch: 20))
                async let ended: Void = connection.cancel(deliveries, requeueBuffered: true)
                for await delivery in deliveries { delivery.reject(requeue: true) }
                await ended
            }
            try await eventually("all are back, and nobody consumes") {
                let queue = try await connection.withChannel { try await $0.inspect(queue: "brief") }
                return queue.messageCount == 20 && queue.consumerCount == 0
            }
            await connection.close(within: .zero)
            for await event in events {
                switch event {
                case .channelClosed, .consumerCancelled, .lost: Issue.record("\(event)")
                default: break
                }
            }
        }
    }

    // MARK: Refusals

    @Test("Consuming from a queue that is not there says so")
    func missingQueue() async throws {
        try await withConnection { connection in
            await #expect { try await connection.consume(AMQPConsumer(queue: "none", prefetch: 1)) } throws: {
                let error = $0 as? AMQPError
                return error?.code == .notFound && error?.replyCode == 404 && error?.message.contains("none") == true
            }
        }
    }

    @Test("A second exclusive consumer is refused, and the first goes on")
    func exclusiveConsumer() async throws {
        try await withConnection { connection in
            try await connection.declare(AMQPTopology(queues: [AMQPQueue(name: "mine")]))
            let deliveries = try await connection.consume(AMQPConsumer(queue: "mine", prefetch: 1, exclusive: true))
            try await withConnection { other in
                await #expect {
                    try await other.consume(AMQPConsumer(queue: "mine", prefetch: 1, exclusive: true))
                } throws: {
                    ($0 as? AMQPError)?.code == .accessRefused
                }
            }
            #expect(try await connection.publish(numbered(1, to: "mine")) == .confirmed)
            #expect(await first(of: deliveries)?.number == 1)
        }
    }

    @Test("A queue that another connection owns is refused as locked")
    func exclusiveQueue() async throws {
        try await withConnection { connection in
            try await connection.declare(
                AMQPTopology(queues: [AMQPQueue(name: "owned", durable: false, exclusive: true)]))
            try await withConnection { other in
                await #expect { try await other.consume(AMQPConsumer(queue: "owned", prefetch: 1)) } throws: {
                    ($0 as? AMQPError)?.code == .resourceLocked
                }
            }
        }
    }

    @Test("A prefetch limit that AMQP cannot express is refused")
    func impossiblePrefetch() async throws {
        try await withConnection { connection in
            for prefetch in [-1, 65_536] {
                await #expect { try await connection.consume(AMQPConsumer(queue: "q", prefetch: prefetch)) } throws: {
                    ($0 as? AMQPError)?.code == .invalidConfiguration
                }
            }
        }
    }
}
