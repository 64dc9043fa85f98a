import AMQPClient
import AgentTestSupport
import Logging
import Operative
import RabbitMQTransport

/// Sends tasks as a manager does, and reads replies, logs and events.
struct TestManager {
    let connection: AMQPConnection
    let replies: AMQPDeliveries
    let records: AMQPDeliveries
    private let topology: AgentTopology

    static let replyQueue = "execution_responses_1"

    /// - Parameter declaresReplyQueue: false leaves the replies without a queue.
    init(_ broker: RabbitMQ, declaresReplyQueue: Bool = true, queueType: QueueType = .classic) async throws {
        topology = AgentTopology(queue: AgentUnderTest.queue, queueType: queueType)
        connection = AMQPConnection(
            configuration: broker.client(), logger: TestLogger.make("manager"))
        connection.start()
        try await connection.connected(within: .seconds(30))
        try await connection.declare(topology.operations)
        try await connection.declare(topology.services)
        try await connection.declare(topology.publishing())
        try await connection.declare(
            AMQPTopology(
                queues: [AMQPQueue(name: "records")],
                bindings: [
                    AMQPBinding(queue: "records", exchange: AgentTopology.logExchange),
                    AMQPBinding(queue: "records", exchange: AgentTopology.eventExchange, routingKey: "events.#"),
                ]))
        records = try await connection.consume(AMQPConsumer(queue: "records", prefetch: 1_000))
        if declaresReplyQueue {
            try await Self.declareReplyQueue(connection)
            replies = try await connection.consume(AMQPConsumer(queue: Self.replyQueue, prefetch: 1_000))
        } else {
            replies = records
        }
    }

    static func declareReplyQueue(_ connection: AMQPConnection) async throws {
        try await connection.declare(
            AMQPTopology(
                queues: [AMQPQueue(name: replyQueue)],
                bindings: [
                    AMQPBinding(queue: replyQueue, exchange: AgentUnderTest.queue, routingKey: replyQueue)
                ]))
    }

    func send(
        _ taskName: String, id: String, inputs: [String: PropertyValue] = [:], padding: Int = 0
    ) async throws {
        var kwargs = inputs
        kwargs["__cloudify_context"] = [
            "type": "operation", "task_id": .string(id), "task_name": .string(taskName), "execution_id": "execution",
            "execution_token": "token", "operation": ["name": "start", "retry_number": 0, "max_retries": -1],
        ]
        if padding > 0 { kwargs["padding"] = .string(String(repeating: "x", count: padding)) }
        let body = PropertyValue.object(["id": .string(id), "cloudify_task": ["kwargs": .object(kwargs)]])
        try await publish(body.json, id: id, key: AgentTopology.operationKey)
    }

    func service(_ name: String, _ kwargs: PropertyValue = [:]) async throws {
        let body: PropertyValue = ["service_task": ["task_name": .string(name), "kwargs": kwargs]]
        try await publish(body.json, id: name, key: AgentTopology.serviceKey)
    }

    private func publish(_ body: [UInt8], id: String, key: String) async throws {
        _ = try await connection.publish(
            AMQPMessage(
                exchange: AgentUnderTest.queue, routingKey: key, body: body,
                properties: AMQPProperties(deliveryMode: 2, correlationID: id, replyTo: Self.replyQueue)))
    }

    /// Puts service tasks into a queue from which a rejection sends them on to the agent, also while the broker takes no messages.
    func prepareServices(_ names: [(name: String, kwargs: PropertyValue)]) async throws -> [AMQPDelivery] {
        try await connection.declare(
            AMQPTopology(
                queues: [
                    AMQPQueue(
                        name: "prepared",
                        arguments: [
                            "x-dead-letter-exchange": .string(AgentUnderTest.queue),
                            "x-dead-letter-routing-key": .string(AgentTopology.serviceKey),
                        ])
                ]))
        for (index, task) in names.enumerated() {
            let body: PropertyValue = ["service_task": ["task_name": .string(task.name), "kwargs": task.kwargs]]
            _ = try await connection.publish(
                AMQPMessage(
                    routingKey: "prepared", body: body.json,
                    properties: AMQPProperties(
                        deliveryMode: 2, correlationID: "\(task.name)-\(index)", replyTo: Self.replyQueue)))
        }
        let deliveries = try await connection.consume(AMQPConsumer(queue: "prepared", prefetch: 0))
        var prepared: [AMQPDelivery] = []
        for await delivery in deliveries {
            prepared.append(delivery)
            if prepared.count == names.count { break }
        }
        return prepared
    }

    /// The next replies, by correlation id.
    func collect(_ count: Int) async -> [String: PropertyValue] {
        var collected: [String: PropertyValue] = [:]
        for await delivery in replies {
            delivery.acknowledge()
            if let id = delivery.correlationID { collected[id] = try? PropertyValue(json: delivery.body.bytes) }
            if collected.count == count { break }
        }
        return collected
    }

    /// The same; after `limit` as many as have come.
    func collect(_ count: Int, within limit: Duration) async -> [String: PropertyValue] {
        let collecting = Task { await collect(count) }
        let deadline = Task {
            try await Task.sleep(for: limit)
            collecting.cancel()
        }
        defer { deadline.cancel() }
        return await collecting.value
    }

    func close() async { await connection.close(within: .seconds(2)) }
}
