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
}
