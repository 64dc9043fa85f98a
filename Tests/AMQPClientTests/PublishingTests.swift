import AMQPClient
import AgentTestSupport
import Testing

@Suite("Publishing", .rabbitMQ, .timeLimit(.minutes(1)))
struct PublishingTests {
    @Test("A published message is confirmed, delivered with all its properties, and gone once acknowledged")
    func roundTrip() async throws {
        try await withConnection { connection in
            try await connection.declare(AMQPTopology(queues: [AMQPQueue(name: "tasks")]))
            let deliveries = try await connection.consume(AMQPConsumer(queue: "tasks", prefetch: 5))
            let properties = AMQPProperties(
                contentType: "application/json", contentEncoding: "utf-8",
                headers: [
                    "text": "é", "small": 7, "large": .integer(1 << 40), "flag": true, "half": 0.5, "none": .null,
                    "list": .array([1, "two"]), "table": .table(["a": .bytes([0xFF, 0])]), "when": .timestamp(1_700_000_000),
                ],
                deliveryMode: 2, priority: 3, correlationID: "c-1", replyTo: "replies", expiration: "60000", messageID: "m-1",
                timestamp: 1_700_000_001, type: "task", userID: "guest", appID: "tests")
            let outcome = try await connection.publish(
                AMQPMessage(routingKey: "tasks", body: Array("{}".utf8), properties: properties))
            #expect(outcome == .confirmed)
            let delivery = try #require(await first(of: deliveries))
            #expect(delivery.body == .complete(Array("{}".utf8)))
            #expect(delivery.properties == properties)
            #expect(delivery.exchange == "")
            #expect(delivery.routingKey == "tasks")
            #expect(!delivery.redelivered)
            delivery.acknowledge()
            await connection.cancel(deliveries)
            let left = try await connection.withChannel { channel in try await channel.inspect(queue: "tasks").messageCount }
            #expect(left == 0)
        }
    }
}
