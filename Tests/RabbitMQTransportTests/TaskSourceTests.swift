import AMQPClient
import AgentExecutors
import AgentRuntime
import AgentTestSupport
import Testing

@testable import RabbitMQTransport

@Suite("A queue as a source of tasks", .rabbitMQ, .timeLimit(.minutes(3)))
struct TaskSourceTests {
    private func withSource(_ body: @Sendable (AMQPTaskSource, AMQPConnection) async throws -> Void) async throws {
        let connection = AMQPConnection(
            configuration: RabbitMQ.current.client(), logger: TestLogger.make("source"))
        connection.start()
        try await connection.connected(within: .seconds(60))
        try await connection.declare(AMQPTopology(queues: [AMQPQueue(name: "tasks")]))
        let source = AMQPTaskSource(
            connection: connection, timers: TimerThread(), dispatcher: DispatchThread(name: "test"))
        try await source.consume(AMQPConsumer(queue: "tasks", prefetch: 5, exclusive: true))
        try await body(source, connection)
        await connection.close()
    }

    @Test("A source that is stopped while it is paused comes to its end")
    func stopWhilePaused() async throws {
        try await withSource { source, _ in
            await source.pause()
            let next = Task { await source.next() }
            await source.stop()
            #expect(await next.value?.count == nil)
        }
    }

    @Test("Paused and resumed, often and in any order, it goes on with one consumer and loses nothing")
    func pauseAndResume() async throws {
        try await withSource { source, connection in
            let reading = Task {
                var seen: Set<String> = []
                while let batch = await source.next() {
                    for message in batch {
                        if case .complete(let bytes) = message.body {
                            seen.insert(String(decoding: bytes, as: UTF8.self))
                        }
                        message.receipt.acknowledge()
                    }
                    if seen.count == 100 { break }
                }
                return seen.count
            }
            for round in 0..<10 {
                await source.pause()
                source.resume()
                if round % 3 == 0 {
                    await source.pause()
                    source.resume()
                }
                for number in 0..<10 {
                    let body = Array("\(round * 10 + number)".utf8)
                    _ = try await connection.publish(AMQPMessage(routingKey: "tasks", body: body))
                }
            }
            #expect(await reading.value == 100)
            await source.stop()
        }
    }

    @Test("What an earlier process may have begun keeps saying so, given back or not; what only this one had does not")
    func inheritedRedelivery() async throws {
        let lost = AMQPConnection(configuration: RabbitMQ.current.client(), logger: TestLogger.make("lost"))
        lost.start()
        try await lost.connected(within: .seconds(60))
        try await lost.declare(AMQPTopology(queues: [AMQPQueue(name: "tasks")]))
        for body in ["a", "b"] { _ = try await lost.publish(AMQPMessage(routingKey: "tasks", body: Array(body.utf8))) }
        var taken = 0
        for await batch in try await lost.consume(AMQPConsumer(queue: "tasks", prefetch: 5)).batches {
            taken += batch.count
            if taken == 2 { break }
        }
        await lost.close()
        try await withSource { source, connection in
            _ = try await connection.publish(AMQPMessage(routingKey: "tasks", body: Array("c".utf8)))
            for _ in 0..<2 {
                let messages = try await read(3, from: source)
                #expect(messages.mapValues(\.redelivered) == ["a": true, "b": true, "c": false])
                for message in messages.values { message.receipt.release() }
                await source.pause()
                source.resume()
            }
            await source.stop()
        }
    }

    @Test("It knows whether the broker has more to hand out")
    func drained() async throws {
        try await withSource { source, connection in
            #expect(await source.isDrained())
            for number in 0..<6 {
                _ = try await connection.publish(AMQPMessage(routingKey: "tasks", body: Array("\(number)".utf8)))
            }
            var receipts: [any DeliveryReceipt] = []
            while receipts.count < 5, let batch = await source.next() { receipts += batch.map(\.receipt) }
            #expect(await !source.isDrained(), "the sixth is beyond the prefetch")
            for receipt in receipts { receipt.acknowledge() }
            let sixth = await source.next()
            #expect(sixth?.count == 1)
            #expect(await source.isDrained())
            await source.stop()
        }
    }

    private func read(_ count: Int, from source: AMQPTaskSource) async throws -> [String: IncomingMessage] {
        var seen: [String: IncomingMessage] = [:]
        while seen.count < count, let batch = await source.next() {
            for message in batch {
                guard case .complete(let bytes) = message.body else { continue }
                seen[String(decoding: bytes, as: UTF8.self)] = message
            }
        }
        return seen
    }

    @Test("However often a task is given back, no queue of the agent drops it", arguments: QueueType.allCases)
    func givenBack(queueType: QueueType) async throws {
        let connection = AMQPConnection(configuration: RabbitMQ.current.client(), logger: TestLogger.make("source"))
        connection.start()
        try await connection.connected(within: .seconds(60))
        let topology = AgentTopology(queue: "agent", queueType: queueType)
        try await connection.declare(topology.operations)
        let limit = topology.operations.queues.first?.arguments["x-delivery-limit"]
        // RabbitMQ 4 takes 20 where nothing is said, and RabbitMQ 3 drops at once when told a negative number.
        #expect(limit == (queueType == .quorum ? .integer(2_147_483_647) : nil))
        let source = AMQPTaskSource(
            connection: connection, timers: TimerThread(), dispatcher: DispatchThread(name: "test"))
        try await source.consume(AMQPConsumer(queue: topology.operationQueue, prefetch: 1))
        _ = try await connection.publish(AMQPMessage(routingKey: topology.operationQueue, body: [1]))
        for _ in 0..<50 { for message in await source.next() ?? [] { message.receipt.release() } }
        let last = await source.next()
        #expect(last?.count == 1)
        await source.stop()
        await connection.close()
    }
}
