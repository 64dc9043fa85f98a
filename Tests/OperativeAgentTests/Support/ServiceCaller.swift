import AMQPClient
import AgentTestSupport
import Logging
import Operative
import RabbitMQTransport
import Synchronization

/// Sends service tasks to the agent `agent_1` and waits for their replies, as a manager that blocks does.
final class ServiceCaller: Sendable {
    private static let replies = "agent_1_response_1"

    private let connection: AMQPConnection
    private let deliveries: AMQPDeliveries
    private let received = Mutex<[String: PropertyValue]>([:])
    private let calls = Mutex(0)

    private init(connection: AMQPConnection, deliveries: AMQPDeliveries) {
        self.connection = connection
        self.deliveries = deliveries
    }

    /// Lends a caller around `body`.
    static func with(_ broker: RabbitMQ, _ body: @Sendable (ServiceCaller) async throws -> Void) async throws {
        let connection = AMQPConnection(
            configuration: AMQPConfiguration(
                endpoints: [AMQPEndpoint(host: broker.host, port: broker.port)], virtualHost: broker.virtualHost),
            logger: Logger(label: "caller") { _ in SwiftLogNoOpLogHandler() })
        connection.start()
        do {
            try await connection.connected(within: .seconds(20))
            try await connection.declare(
                AMQPTopology(
                    exchanges: [AMQPExchange(name: "agent_1", type: "direct")], queues: [AMQPQueue(name: replies)],
                    bindings: [AMQPBinding(queue: replies, exchange: "agent_1", routingKey: replies)]))
            let deliveries = try await connection.consume(AMQPConsumer(queue: replies, prefetch: 10))
            try await body(ServiceCaller(connection: connection, deliveries: deliveries))
            await connection.close()
        } catch {
            await connection.close()
            throw error
        }
    }

    /// Sends a service task.
    ///
    /// - Returns: its reply; nil when the connection ended first.
    func call(_ task: String, _ kwargs: [String: PropertyValue] = [:]) async throws -> PropertyValue? {
        let body: PropertyValue = ["service_task": ["task_name": .string(task), "kwargs": .object(kwargs)]]
        let id = calls.withLock { calls in
            calls += 1
            return "service \(calls)"
        }
        try await send(body, key: AgentTopology.serviceKey, id: id)
        return try await reply(to: id)
    }

    /// Sends an operation task; its reply is to be waited for with ``reply(to:)``.
    func start(
        _ name: String, _ inputs: [String: PropertyValue], id: String, context: [String: PropertyValue] = [:]
    ) async throws {
        var kwargs = inputs
        let usual: [String: PropertyValue] = [
            "type": "operation", "task_id": .string(id), "task_name": .string(name), "execution_id": "execution",
            "execution_token": "token", "operation": ["name": "start", "retry_number": 0, "max_retries": -1],
        ]
        kwargs["__cloudify_context"] = .object(usual.merging(context) { $1 })
        try await send(["id": .string(id), "cloudify_task": ["kwargs": .object(kwargs)]], key: "operation", id: id)
    }

    /// Waits for the reply. An agent that changes its connection may send one again that it had no confirm for: an equal copy is the same
    /// reply, a different one is an error.
    func reply(to id: String) async throws -> PropertyValue? {
        if let reply = received.withLock({ $0[id] }) { return reply }
        for await delivery in deliveries {
            delivery.acknowledge()
            let reply = try PropertyValue(json: delivery.body.bytes)
            let sender = delivery.properties.correlationID ?? "nobody"
            let first = received.withLock { received in
                if received[sender] == nil { received[sender] = reply }
                return received[sender]
            }
            guard first == reply else {
                throw AgentProcess.Failure(description: "two replies to \(sender): \(first ?? .null) and \(reply)")
            }
            if sender == id { return reply }
        }
        return nil
    }

    private func send(_ body: PropertyValue, key: String, id: String) async throws {
        _ = try await connection.publish(
            AMQPMessage(
                exchange: "agent_1", routingKey: key, body: body.json,
                properties: AMQPProperties(deliveryMode: 2, correlationID: id, replyTo: Self.replies), mandatory: true))
    }
}
