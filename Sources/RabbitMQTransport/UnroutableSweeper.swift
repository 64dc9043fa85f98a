internal import AMQPClient
internal import AgentExecutors
internal import Logging

/// Sends messages that came out of their delay while their agent's queue was missing on their way again.
///
/// They wait in the layout's `unroutable` queue. Any agent of the layout takes them out and publishes them to the return exchange; those whose queue is still missing come back to the end of the line.
final class UnroutableSweeper: Sendable {
    private static let interval = Duration.seconds(30)
    /// How many messages one round moves at the most.
    private static let roundLimit = 10_000

    private let connection: AMQPConnection
    private let delays: DelayQueues
    private let timers: TimerThread
    private let logger: Logger

    init(connection: AMQPConnection, delays: DelayQueues, timers: TimerThread, logger: Logger) {
        self.connection = connection
        self.delays = delays
        self.timers = timers
        self.logger = logger
    }

    /// Sweeps now, at every interval, and as soon as the agent's own queue was declared again.
    func run(after events: AMQPEvents) async {
        await withDiscardingTaskGroup { group in
            group.addTask { [self] in
                while !Task.isCancelled {
                    await sweep()
                    await timers.sleep(for: Self.interval)
                }
            }
            group.addTask { [self] in
                for await event in events where event.meansNewQueues { await sweep() }
            }
        }
    }

    private func sweep() async {
        guard let layout = delays.layout else { return }
        do {
            let (moved, left) = try await connection.withChannel { [connection] channel in
                let waiting = try await channel.inspect(queue: layout.unroutable).messageCount
                var moved = 0
                var left = 0
                while moved + left < min(waiting, Self.roundLimit),
                    let delivery = try await channel.get(queue: layout.unroutable)
                {
                    switch await Self.forward(delivery, to: layout, over: connection) {
                    case .confirmed:
                        delivery.acknowledge()
                        moved += 1
                    case .stopped:
                        return (moved, 0)
                    default:
                        // Given back at once it would be the next one again: it stays unacknowledged, and comes back when the channel closes.
                        left += 1
                    }
                }
                // Confirmed means routed: those without a queue are back by now, at the end of the line.
                let back =
                    try await channel.inspect(queue: layout.unroutable).messageCount - max(0, waiting - moved - left)
                return (moved - min(moved, max(0, back)), left)
            }
            if moved > 0 {
                logger.notice("Messages without a queue were sent on their way again", metadata: ["count": "\(moved)"])
            }
            if left > 0 {
                logger.debug("Messages without a queue that cannot be sent again", metadata: ["count": "\(left)"])
            }
        } catch {
            logger.debug("Sweep not finished", metadata: ["reason": "\(error)"])
        }
    }

    /// - Returns: nil for a message of which only the beginning arrived.
    private static func forward(
        _ delivery: AMQPDelivery, to layout: DelayLayout, over connection: AMQPConnection
    ) async -> AMQPPublishOutcome? {
        guard case .complete(let body) = delivery.body else { return nil }
        var properties = delivery.properties
        properties.expiration = nil
        let message = AMQPMessage(
            exchange: layout.returnExchange, routingKey: delivery.routingKey, body: body, properties: properties,
            mandatory: true)
        return await connection.settle(message)
    }
}

extension AMQPConnectionEvent {
    /// After these, a queue that was missing may be there again.
    fileprivate var meansNewQueues: Bool {
        switch self {
        case .connected, .consuming: true
        default: false
        }
    }
}
