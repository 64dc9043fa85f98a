package import AMQPClient
package import AgentExecutors
internal import AgentRuntime
package import Logging

/// The agent's way to RabbitMQ: its queues, replies, delayed retries, log records and events.
///
/// Consuming and publishing have a connection each: a broker that slows publishers down must not keep tasks, cancellations and pings away.
package final class RabbitMQTransport: Sendable {
    private let configuration: RabbitMQConfiguration
    private let topology: AgentTopology
    private let consuming: AMQPConnection
    private let publishing: AMQPConnection
    private let delays: DelayQueues
    private let sweeper: UnroutableSweeper
    private let logger: Logger

    package let operations: AMQPTaskSource
    package let services: AMQPTaskSource
    package let sink: AMQPTaskSink
    package let telemetry: AMQPTelemetrySink

    /// - Parameter dispatcher: the thread that most replies and acknowledgements come from. What it hands over is sent when it pauses, many messages at a time.
    package init(
        configuration: RabbitMQConfiguration, timers: TimerThread, dispatcher: DispatchThread, logger: Logger
    ) {
        self.configuration = configuration
        self.logger = logger
        topology = AgentTopology(queue: configuration.queue)
        consuming = AMQPConnection(
            configuration: configuration.connection(named: "consume"), logger: logger,
            defersWakeUps: { dispatcher.isCurrent })
        publishing = AMQPConnection(
            configuration: configuration.connection(named: "publish"), logger: logger,
            defersWakeUps: { dispatcher.isCurrent })
        delays = DelayQueues(
            publishing: publishing, consuming: consuming, topology: topology, queueType: configuration.delayQueueType,
            isWanted: configuration.parksRetries, logger: logger)
        sweeper = UnroutableSweeper(connection: publishing, delays: delays, timers: timers, logger: logger)
        operations = AMQPTaskSource(connection: consuming, timers: timers)
        services = AMQPTaskSource(connection: consuming, timers: timers)
        sink = AMQPTaskSink(connection: publishing, topology: topology, delays: delays, timers: timers, logger: logger)
        telemetry = AMQPTelemetrySink(connection: publishing)
        dispatcher.onPause { [weak consuming, weak publishing] in
            consuming?.flush()
            publishing?.flush()
        }
    }

    /// Connects, declares what the agent needs, finds out whether the broker keeps delayed messages for it, and begins to consume.
    ///
    /// - Parameter deadline: how long the broker may stay out of reach; nil for ever.
    /// - Throws: the reason why the broker cannot be used.
    package func start(within deadline: Duration?) async throws(AMQPError) {
        consuming.start()
        publishing.start()
        for connection in [publishing, consuming] {
            try await connection.connected(within: deadline ?? .seconds(100 * 365 * 86_400))
        }
        try await publishing.declare(topology.publishing)
        // The queue must be there before the way back into it is bound.
        try await consuming.declare(topology.operations)
        try await consuming.declare(topology.services)
        try await delays.prepare()
        try await services.consume(AMQPConsumer(queue: topology.serviceQueue, prefetch: configuration.servicePrefetch))
        try await operations.consume(
            AMQPConsumer(
                queue: topology.operationQueue, prefetch: configuration.prefetch, exclusive: !configuration.sharedQueue)
        )
    }

    /// Rescues messages whose agent had lost its queue, until cancelled.
    package func sweep() async { await sweeper.run(after: consuming.events) }

    /// Waits up to `deadline` for what was published to be confirmed, then closes.
    package func close(within deadline: Duration) async {
        async let consumingClosed: Void = consuming.close(within: deadline)
        await publishing.close(within: deadline)
        await consumingClosed
    }

    /// What happens to the connections: "consume" and "publish" with their events.
    package func events(_ report: @escaping @Sendable (String, AMQPConnectionEvent) async -> Void) async {
        await withDiscardingTaskGroup { group in
            for (name, connection) in [("consume", consuming), ("publish", publishing)] {
                group.addTask {
                    for await event in connection.events { await report(name, event) }
                }
            }
        }
    }

    /// What happens to the connections from this moment on: "consume" and "publish" with their events.
    package func subscribe() -> [(connection: String, events: AsyncStream<AMQPConnectionEvent>)] {
        [("consume", consuming.events.subscribe()), ("publish", publishing.events.subscribe())]
    }

    /// Which layout delayed retries use; nil when the broker keeps none for this agent.
    package var delayLayout: DelayLayout? { delays.layout }
}
