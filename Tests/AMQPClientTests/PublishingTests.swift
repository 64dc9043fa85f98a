import AMQPClient
import AgentTestSupport
import Testing

@Suite("Publishing", .rabbitMQ, .timeLimit(.minutes(3)))
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
                    "list": .array([1, "two"]), "table": .table(["a": .bytes([0xFF, 0])]),
                    "when": .timestamp(1_700_000_000),
                ],
                deliveryMode: 2, priority: 3, correlationID: "c-1", replyTo: "replies", expiration: "60000",
                messageID: "m-1",
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
            let left = try await connection.withChannel { channel in
                try await channel.inspect(queue: "tasks").messageCount
            }
            #expect(left == 0)
        }
    }

    @Test("A mandatory message that no queue takes comes back with the broker's reason")
    func returned() async throws {
        try await withConnection { connection in
            let outcome = try await connection.publish(AMQPMessage(routingKey: "nowhere", body: [1]))
            #expect(outcome == .returned(code: 312, text: "NO_ROUTE"))
        }
    }

    @Test("Of many messages in flight, exactly those without a queue come back")
    func someReturned() async throws {
        try await withConnection { connection in
            try await connection.declare(AMQPTopology(queues: [AMQPQueue(name: "some")]))
            let outcomes = Collector<(Int, AMQPPublishOutcome)>()
            for number in 0..<1000 {
                let queue = number % 3 == 0 ? "nowhere" : "some"
                connection.send(numbered(number, to: queue)) { outcomes.add((number, $0)) }
            }
            await outcomes.wait(for: 1000)
            for (number, outcome) in outcomes.elements {
                #expect(outcome == (number % 3 == 0 ? .returned(code: 312, text: "NO_ROUTE") : .confirmed))
            }
            #expect(connection.outboxBytes == 0)
        }
    }

    @Test("A message that may get lost is confirmed when no queue takes it")
    func notMandatory() async throws {
        try await withConnection { connection in
            let outcome = try await connection.publish(AMQPMessage(routingKey: "nowhere", body: [1], mandatory: false))
            #expect(outcome == .confirmed)
        }
    }

    @Test("A queue that is full refuses: nacked")
    func nacked() async throws {
        try await withConnection { connection in
            let full = AMQPQueue(name: "full", arguments: ["x-max-length": 1, "x-overflow": "reject-publish"])
            try await connection.declare(AMQPTopology(queues: [full]))
            #expect(try await connection.publish(numbered(1, to: "full")) == .confirmed)
            try await eventually("the second message is refused") {
                try await connection.publish(numbered(2, to: "full")) == .nacked
            }
        }
    }

    @Test(
        "An exchange that was declared here and deleted by somebody is declared again; what was sent to it arrives, in order"
    )
    func deletedExchange() async throws {
        let broker = RabbitMQ.current
        try await withConnection { connection in
            try await connection.declare(
                AMQPTopology(
                    exchanges: [AMQPExchange(name: "records", type: "fanout")], queues: [AMQPQueue(name: "all")],
                    bindings: [AMQPBinding(queue: "all", exchange: "records")]))
            for round in 0..<2 {
                try await broker.node.management.deleteExchange("records", virtualHost: broker.virtualHost)
                let outcomes = Collector<AMQPPublishOutcome>()
                // The first time one alone is in flight when the broker closes the channel, the second time many are.
                for number in 0..<(round == 0 ? 1 : 200) {
                    connection.send(numbered(number, to: "", exchange: "records")) { outcomes.add($0) }
                }
                await outcomes.wait(for: round == 0 ? 1 : 200)
                #expect(outcomes.elements.allSatisfy { $0 == .confirmed })
            }
            let deliveries = try await connection.consume(AMQPConsumer(queue: "all", prefetch: 500))
            var numbers: [Int] = []
            for await delivery in deliveries {
                delivery.acknowledge()
                numbers.append(delivery.number ?? -1)
                if numbers.count == 201 { break }
            }
            #expect(numbers == [0] + (0..<200))
        }
    }

    @Test("Only the messages to a missing exchange are refused; everything else in flight arrives")
    func missingExchange() async throws {
        try await withConnection { connection in
            try await connection.declare(AMQPTopology(queues: [AMQPQueue(name: "present")]))
            let outcomes = Collector<(Int, AMQPPublishOutcome)>()
            for number in 0..<60 {
                var message = numbered(number, to: "present")
                if number % 20 == 7 { message.exchange = "missing" }
                connection.send(message) { outcomes.add((number, $0)) }
            }
            await outcomes.wait(for: 60)
            for (number, outcome) in outcomes.elements {
                if number % 20 == 7 {
                    guard case .refused(let error) = outcome else {
                        Issue.record("message \(number) was \(outcome)")
                        continue
                    }
                    #expect(error.code == .notFound)
                    #expect(error.message.contains("missing"))
                } else {
                    #expect(outcome == .confirmed)
                }
            }
            #expect(try await readyMessages("present", connection) >= 57)
        }
    }

    @Test("Messages arrive in the order in which they were sent, whatever their size")
    func order() async throws {
        try await withConnection { connection in
            try await connection.declare(AMQPTopology(queues: [AMQPQueue(name: "order")]))
            let deliveries = try await connection.consume(AMQPConsumer(queue: "order", prefetch: 0))
            let outcomes = Collector<AMQPPublishOutcome>()
            let sizes = (0..<300).map { $0 % 50 == 3 ? 400_000 : $0 }
            for (number, size) in sizes.enumerated() {
                var message = numbered(number, to: "order")
                message.properties.messageID = String(number)
                message.body = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: size)
                connection.send(message) { outcomes.add($0) }
            }
            var number = 0
            for await delivery in deliveries {
                #expect(delivery.properties.messageID == String(number))
                #expect(
                    delivery.body.bytes == [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: sizes[number]))
                delivery.acknowledge()
                number += 1
                if number == sizes.count { break }
            }
            await outcomes.wait(for: sizes.count)
            #expect(outcomes.elements.allSatisfy { $0 == .confirmed })
        }
    }

    @Test("What cannot be encoded is refused before it is sent, and names the field")
    func unencodable() async throws {
        try await withConnection { connection in
            let long = String(repeating: "x", count: 256)
            let outcome = try await connection.publish(AMQPMessage(routingKey: long, body: []))
            guard case .refused(let error) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(error.code == .invalidMessage)
            #expect(error.message.contains("routing key"))
        }
    }

    @Test("After the end everything that was not confirmed is answered with stopped, and so is what comes later")
    func stopped() async throws {
        let unreachable = configuration { $0.endpoints = [AMQPEndpoint(host: "127.0.0.1", port: 1)] }
        let connection = AMQPConnection(configuration: unreachable, logger: quietLogger())
        connection.start()
        let outcomes = Collector<AMQPPublishOutcome>()
        for number in 0..<10 { connection.send(numbered(number, to: "q")) { outcomes.add($0) } }
        await connection.close(within: .milliseconds(50))
        await outcomes.wait(for: 10)
        #expect(outcomes.elements.allSatisfy { $0 == .stopped })
        connection.send(numbered(10, to: "q")) { outcomes.add($0) }
        #expect(outcomes.elements.count == 11)
        await #expect { try await connection.publish(numbered(1, to: "q")) } throws: {
            ($0 as? AMQPError)?.code == .stopped
        }
        await #expect { try await connection.connected(within: .seconds(1)) } throws: { _ in true }
        await #expect { try await connection.consume(AMQPConsumer(queue: "q", prefetch: 1)) } throws: { _ in true }
        await #expect { try await connection.declare(AMQPTopology()) } throws: { ($0 as? AMQPError)?.code == .stopped }
        #expect(connection.outboxBytes == 0)
    }

    @Test("Closing waits for the confirms of what was sent before")
    func orderlyClose() async throws {
        try await withConnection { connection in
            try await connection.declare(AMQPTopology(queues: [AMQPQueue(name: "last")]))
            let outcomes = Collector<AMQPPublishOutcome>()
            for number in 0..<500 { connection.send(numbered(number, to: "last")) { outcomes.add($0) } }
            await connection.close(within: .seconds(20))
            #expect(outcomes.elements.count == 500)
            #expect(outcomes.elements.allSatisfy { $0 == .confirmed })
        }
        try await withConnection { connection in
            try await expectReady(500, in: "last", connection)
        }
    }

    @Test("Publishing waits while the outbox is over its limit, and goes on when confirms make room")
    func outboxLimit() async throws {
        try await withConnection(
            { $0.outboxLimit = 2000 },
            { connection in
                try await connection.declare(AMQPTopology(queues: [AMQPQueue(name: "limited")]))
                let highest = try await withThrowingTaskGroup(of: Int.self) { group in
                    for number in 0..<200 {
                        group.addTask {
                            let outcome = try await connection.publish(numbered(number, to: "limited"))
                            #expect(outcome == .confirmed)
                            return connection.outboxBytes
                        }
                    }
                    return try await group.reduce(0) { max($0, $1) }
                }
                // Those who passed the gate together may overshoot, but not all 200.
                #expect(highest < 200 * 256)
                #expect(connection.outboxBytes == 0)
            })
    }
}
