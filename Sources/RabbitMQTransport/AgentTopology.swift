package import AMQPClient

/// The exchange and queues of one agent, as the Cloudify agent protocol names them.
package struct AgentTopology: Sendable, Hashable {
    /// The agent's exchange has this name, its queues begin with it.
    package let queue: String
    /// Where the broker keeps the agent's queues.
    package let queueType: QueueType
    /// Several agents consume from the operation queue at once.
    package let isShared: Bool

    package init(queue: String, queueType: QueueType = .classic, isShared: Bool = false) {
        self.queue = queue
        self.queueType = queueType
        self.isShared = isShared
    }

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
            queues: [AMQPQueue(name: operationQueue, arguments: operationArguments)],
            bindings: [AMQPBinding(queue: operationQueue, exchange: exchange, routingKey: Self.operationKey)])
    }

    package var services: AMQPTopology {
        AMQPTopology(
            exchanges: [AMQPExchange(name: exchange, type: "direct")],
            queues: [AMQPQueue(name: serviceQueue, arguments: queueType.arguments)],
            bindings: [AMQPBinding(queue: serviceQueue, exchange: exchange, routingKey: Self.serviceKey)])
    }

    /// The broker does not keep others away from a quorum queue when a consumer asks to be alone; with this it serves them one after the other at least.
    private var operationArguments: [String: AMQPFieldValue] {
        var arguments = queueType.arguments
        if queueType == .quorum, !isShared { arguments["x-single-active-consumer"] = .bool(true) }
        return arguments
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
