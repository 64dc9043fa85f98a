package import AMQPClient

/// The names and arguments of everything that delayed retries need in a broker: delay queues, the exchange they let messages out to, and a queue for messages whose agent has lost its queue.
///
/// Names carry the layout's version and the queue type, so that a changed layout never meets a queue with other arguments.
package struct DelayLayout: Sendable, Hashable {
    /// All names begin with this.
    package let prefix: String
    package let queueType: QueueType

    /// The layout that all agents of a virtual host share.
    package static func shared(queueType: QueueType) -> DelayLayout {
        DelayLayout(prefix: "operative.retry.v1.\(queueType.rawValue)", queueType: queueType)
    }

    /// The layout of one agent, in names that a Cloudify manager's permissions let an agent declare.
    package static func ofAgent(queue: String, queueType: QueueType) -> DelayLayout {
        DelayLayout(prefix: "\(queue)_response_retry_v1_\(queueType.rawValue)", queueType: queueType)
    }

    package var returnExchange: String { "\(prefix).return" }
    package var unroutable: String { "\(prefix).unroutable" }
    package func name(of bucket: DelayBucket) -> String { "\(prefix).b\(bucket.upperBound)" }

    /// The way back for `queue`, and the place for messages whose way back is gone: without it the broker drops them without a word.
    package func returnTopology(queue: String, routingKey: String) -> AMQPTopology {
        AMQPTopology(
            exchanges: [
                AMQPExchange(name: unroutable, type: "fanout"),
                AMQPExchange(
                    name: returnExchange, type: "direct", arguments: ["alternate-exchange": .string(unroutable)]),
            ],
            queues: [AMQPQueue(name: unroutable, arguments: queueType.arguments)],
            bindings: [
                AMQPBinding(queue: unroutable, exchange: unroutable, routingKey: ""),
                AMQPBinding(queue: queue, exchange: returnExchange, routingKey: routingKey),
            ])
    }

    /// One delay queue, behind an exchange of its own so that the message keeps the routing key that leads it home.
    ///
    /// It never gets `x-expires`: the broker deletes such a queue together with the messages in it.
    package func topology(of bucket: DelayBucket) -> AMQPTopology {
        let name = name(of: bucket)
        var arguments = queueType.arguments
        arguments["x-message-ttl"] = .integer(Int64(bucket.upperBound))
        arguments["x-dead-letter-exchange"] = .string(returnExchange)
        if queueType == .quorum {
            arguments["x-dead-letter-strategy"] = .string("at-least-once")
            arguments["x-overflow"] = .string("reject-publish")
        }
        return AMQPTopology(
            exchanges: [AMQPExchange(name: name, type: "fanout")],
            queues: [AMQPQueue(name: name, arguments: arguments)],
            bindings: [AMQPBinding(queue: name, exchange: name, routingKey: "")])
    }
}
