package import AMQPClient

/// The exchange and queues of one agent, as the Cloudify agent protocol names them.
package struct AgentTopology: Sendable, Hashable {
    /// The agent's exchange has this name, its queues begin with it.
    package let queue: String

    package init(queue: String) { self.queue = queue }

    package var exchange: String { queue }
    package var operationQueue: String { "\(queue)_operation" }
    package var serviceQueue: String { "\(queue)_service" }
    package static let operationKey = "operation"
    package static let serviceKey = "service"
    package static let logExchange = "cloudify-logs"
    package static let eventExchange = "cloudify-events-topic"

    package var operations: AMQPTopology {
        AMQPTopology(
            exchanges: [AMQPExchange(name: exchange, type: "direct")],
            queues: [AMQPQueue(name: operationQueue)],
            bindings: [AMQPBinding(queue: operationQueue, exchange: exchange, routingKey: Self.operationKey)])
    }

    package var services: AMQPTopology {
        AMQPTopology(
            exchanges: [AMQPExchange(name: exchange, type: "direct")],
            queues: [AMQPQueue(name: serviceQueue)],
            bindings: [AMQPBinding(queue: serviceQueue, exchange: exchange, routingKey: Self.serviceKey)])
    }

    /// Where replies are published, and log records and events unless they go another way: then the exchanges for them are left to those
    /// who use them.
    package func publishing(telemetry: Bool = true) -> AMQPTopology {
        let exchanges =
            [
                AMQPExchange(name: exchange, type: "direct"),
                AMQPExchange(name: Self.logExchange, type: "fanout"),
                AMQPExchange(name: Self.eventExchange, type: "topic"),
            ].prefix(telemetry ? 3 : 1)
        return AMQPTopology(exchanges: Array(exchanges), queues: [], bindings: [])
    }
}
