package import AMQPClient

/// The settings of the transport.
package struct RabbitMQConfiguration: Sendable {
    /// The agent's queue name: see ``AgentTopology``.
    package var queue: String
    package var broker: AMQPConfiguration
    /// How many operation tasks may be out unacknowledged.
    package var prefetch: Int
    /// The same for service tasks.
    package var servicePrefetch = 100
    /// Other agents consume from the same queue.
    package var sharedQueue = false
    /// Log records and events are published to the broker.
    package var publishesTelemetry = true
    /// Retries wait in the broker, if it lets them.
    package var parksRetries = true
    package var delayQueueType = QueueType.classic
    /// Where the broker keeps the agent's own queues.
    package var queueType = QueueType.classic

    package init(queue: String, broker: AMQPConfiguration, prefetch: Int) {
        self.queue = queue
        self.broker = broker
        self.prefetch = prefetch
    }

    func connection(named role: String) -> AMQPConfiguration {
        var configuration = broker
        configuration.connectionName = "\(broker.connectionName ?? "operative") (\(role))"
        return configuration
    }
}
