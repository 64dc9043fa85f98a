package import AMQPClient
package import AgentExecutors
internal import AgentRuntime
internal import AgentSabotage
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
    private let timers: TimerThread
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
        self.timers = timers
        self.logger = logger
        topology = AgentTopology(
            queue: configuration.queue, queueType: configuration.queueType, isShared: configuration.sharedQueue)
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
        operations = AMQPTaskSource(connection: consuming, timers: timers, dispatcher: dispatcher)
        services = AMQPTaskSource(connection: consuming, timers: timers, dispatcher: dispatcher)
        sink = AMQPTaskSink(
            connection: publishing, topology: topology, delays: delays, timers: timers, dispatcher: dispatcher,
            logger: logger)
        telemetry = AMQPTelemetrySink(connection: publishing)
        dispatcher.onPause { [weak consuming, weak publishing] in
            consuming?.flush()
            publishing?.flush()
        }
    }

    /// Connects, declares what the agent needs, finds out whether the broker keeps delayed messages for it, and begins to consume.
    ///
    /// - Parameters:
    ///   - deadline: how long the broker may stay out of reach; nil for ever.
    ///   - onQueueInUse: told once when another consumer has the operation queue for itself, with the time that it is given to go.
    /// - Throws: the reason why the broker cannot be used; ``AMQPError/Code/stopped`` when `close` was called meanwhile.
    package func start(
        within deadline: Duration?, onQueueInUse: (Duration) -> Void = { _ in }
    ) async throws(AMQPError) {
        consuming.start()
        publishing.start()
        for connection in [publishing, consuming] {
            try await connection.connected(within: deadline ?? .seconds(100 * 365 * 86_400))
        }
        try await publishing.declare(publishingTopology)
        // The queue must be there before the way back into it is bound.
        try await consuming.declare(topology.operations)
        try await consuming.declare(topology.services)
        try await delays.prepare()
        // First, so that an agent that is one too many takes no cancellation from the one that holds the queue.
        try await claimOperations(onQueueInUse)
        try await services.consume(AMQPConsumer(queue: topology.serviceQueue, prefetch: configuration.servicePrefetch))
    }

    private var publishingTopology: AMQPTopology {
        topology.publishing(telemetry: configuration.publishesTelemetry)
    }

    /// Consumes operations. A queue that somebody else uses exclusively is asked for again for two heartbeats: after a hard network failure the broker needs that long to see that this agent's earlier connection is dead.
    private func claimOperations(_ onQueueInUse: (Duration) -> Void) async throws(AMQPError) {
        let consumer = AMQPConsumer(
            queue: topology.operationQueue, prefetch: configuration.prefetch,
            exclusive: !configuration.sharedQueue && !Sabotage.isOn(.noExclusiveConsumer))
        var claim = QueueClaim(patience: configuration.broker.heartbeat * 2)
        while true {
            do throws(AMQPError) {
                if consumer.exclusive, topology.queueType == .quorum { try await refuseInUse(consumer.queue) }
                return try await operations.consume(consumer)
            } catch {
                guard error.meansExclusiveUse, let pause = claim.refused(at: .now) else { throw error }
                if claim.refusals == 1 {
                    logger.warning(
                        "Another consumer has the queue for itself: asking again until two heartbeats have passed",
                        metadata: ["queue": "\(consumer.queue)", "limit": "\(claim.patience)"])
                    onQueueInUse(claim.patience)
                }
                await timers.sleep(for: pause)
                if Task.isCancelled { throw error }
            }
        }
    }

    /// Asks who consumes before consuming: the broker accepts a second consumer of a quorum queue, also when the first one asked to be alone.
    private func refuseInUse(_ queue: String) async throws(AMQPError) {
        let consumers: Int
        do {
            consumers = try await consuming.withChannel { channel in try await channel.inspect(queue: queue) }
                .consumerCount
        } catch let error as AMQPError {
            throw error
        } catch {
            throw AMQPError(.channelClosed, "asking for the consumers of \(queue) failed: \(error)")
        }
        if consumers > 0 {
            throw AMQPError(.resourceLocked, "queue '\(queue)' in use by \(consumers) other consumer(s)")
        }
    }

    /// Rescues messages whose agent had lost its queue, and declares again what was deleted, until cancelled. To be called once started.
    package func sweep() async {
        let keeper = TopologyKeeper(
            owners: [
                (publishing, [publishingTopology]),
                (consuming, [topology.operations, topology.services] + [delays.wayBack].compactMap(\.self)),
            ], timers: timers, logger: logger)
        async let keeping: Void = keeper.run()
        await sweeper.run(after: consuming.events)
        await keeping
    }

    /// Connects to other nodes, or with other certificates, from now on: see ``AMQPConnection/redirect(to:tls:filesChanged:)``.
    ///
    /// - Returns: why no new connection can be made that way yet; nil when one can.
    package func redirect(
        to endpoints: [AMQPEndpoint], tls: AMQPTLSConfiguration?, filesChanged: Bool
    ) async -> AMQPError? {
        async let consume = consuming.redirect(to: endpoints, tls: tls, filesChanged: filesChanged)
        let publish = await publishing.redirect(to: endpoints, tls: tls, filesChanged: filesChanged)
        return await consume ?? publish
    }

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

    /// Reports when somebody else has the operation queue, and what comes of it, until cancelled. To be called once started.
    package func watchQueue(_ report: @escaping @Sendable (QueueOwnership.Change) async -> Void) async {
        var ownership = QueueOwnership(
            queue: topology.operationQueue, patience: configuration.broker.heartbeat * 2)
        for await event in consuming.events {
            if let change = ownership.note(event, at: .now) { await report(change) }
        }
    }

    /// Returns when the thread of the consuming connection has come round.
    package func takeConsumingTurn() async { await consuming.takeTurn() }

    /// Returns when the thread of the publishing connection has come round.
    package func takePublishingTurn() async { await publishing.takeTurn() }

    /// Which layout delayed retries use; nil when the broker keeps none for this agent.
    package var delayLayout: DelayLayout? { delays.layout }
}
