import AMQPClient
import AgentTestSupport
import Logging
import Operative
import RabbitMQTransport

/// Sends tasks to the agent `agent_1` as a manager does, and listens to its events.
struct TaskSender: Sendable {
    private let connection: AMQPConnection
    private let events: AMQPDeliveries

    /// Sends one task and lends a listener around `body`.
    static func send(
        _ name: String, _ inputs: [String: PropertyValue], to broker: RabbitMQ, id: String = "1",
        context: [String: PropertyValue] = [:],
        _ body: @Sendable (TaskSender) async throws -> Void
    ) async throws {
        let connection = AMQPConnection(
            configuration: AMQPConfiguration(
                endpoints: [AMQPEndpoint(host: broker.host, port: broker.port)], virtualHost: broker.virtualHost),
            logger: Logger(label: "sender") { _ in SwiftLogNoOpLogHandler() })
        connection.start()
        do {
            try await connection.connected(within: .seconds(60))
            try await connection.declare(
                AMQPTopology(
                    // An agent that posts its events does not make it.
                    exchanges: [AMQPExchange(name: AgentTopology.eventExchange, type: "topic")],
                    queues: [AMQPQueue(name: "events")],
                    bindings: [
                        AMQPBinding(queue: "events", exchange: AgentTopology.eventExchange, routingKey: "events.#")
                    ]))
            let sender = TaskSender(
                connection: connection,
                events: try await connection.consume(AMQPConsumer(queue: "events", prefetch: 100)))
            try await sender.send(name, inputs, id: id, context: context)
            try await body(sender)
            await connection.close()
        } catch {
            await connection.close()
            throw error
        }
    }

    func send(
        _ name: String, _ inputs: [String: PropertyValue], id: String = "1", replyTo: String? = nil,
        context: [String: PropertyValue] = [:]
    ) async throws {
        var kwargs = inputs
        let usual: [String: PropertyValue] = [
            "type": "operation", "task_id": .string(id), "task_name": .string(name), "execution_id": "execution",
            "execution_token": "token", "operation": ["name": "start", "retry_number": 0, "max_retries": -1],
        ]
        kwargs["__cloudify_context"] = .object(usual.merging(context) { $1 })
        let body = PropertyValue.object(["id": .string(id), "cloudify_task": ["kwargs": .object(kwargs)]])
        let topology = AgentTopology(queue: "agent_1")
        _ = try await connection.publish(
            AMQPMessage(
                exchange: topology.exchange, routingKey: AgentTopology.operationKey, body: body.json,
                properties: AMQPProperties(deliveryMode: 2, correlationID: id, replyTo: replyTo), mandatory: true))
    }

    /// Makes the queue for the replies of an execution, as a manager's engine does.
    func makeReplyQueue(_ name: String) async throws {
        try await connection.declare(
            AMQPTopology(
                queues: [AMQPQueue(name: name)],
                bindings: [AMQPBinding(queue: name, exchange: "agent_1", routingKey: name)]))
    }

    /// Cancels an execution.
    func cancel(_ execution: String) async throws {
        let body: PropertyValue = [
            "service_task": ["task_name": "cancel-operation", "kwargs": ["execution_id": .string(execution)]]
        ]
        let topology = AgentTopology(queue: "agent_1")
        _ = try await connection.publish(
            AMQPMessage(
                exchange: topology.exchange, routingKey: AgentTopology.serviceKey, body: body.json,
                properties: AMQPProperties(deliveryMode: 2), mandatory: true))
    }

    /// Waits for an event with this message.
    func event(_ text: String) async {
        for await delivery in events {
            delivery.acknowledge()
            let record = try? PropertyValue(json: delivery.body.bytes)
            if record?["message"]?["text"]?.stringValue == text { return }
        }
    }
}
