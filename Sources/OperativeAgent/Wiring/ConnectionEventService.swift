internal import AMQPClient
internal import Logging
internal import Observability
internal import RabbitMQTransport
internal import ServiceLifecycle

/// Tells the log and systemd what happens to the connections.
struct ConnectionEventService: Service {
    let transport: RabbitMQTransport
    let notifier: SystemdNotifier
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await transport.events { name, event in report(event, of: name) }
        }
    }

    private func report(_ event: AMQPConnectionEvent, of connection: String) {
        let metadata: Logger.Metadata = ["connection": "\(connection)"]
        switch event {
        case .connected(let endpoint):
            logger.notice("Connected to the broker", metadata: metadata.merging(["broker": "\(endpoint)"]) { $1 })
            notifier.status("connected to \(endpoint)")
        case .lost(let error):
            logger.warning("Connection to the broker lost", metadata: metadata.merging(["reason": "\(error)"]) { $1 })
            notifier.status("broker out of reach: \(error.message)")
        case .blocked(let reason):
            logger.warning(
                "The broker takes no messages for now", metadata: metadata.merging(["reason": "\(reason)"]) { $1 })
            notifier.status("blocked by the broker: \(reason)")
        case .unblocked:
            logger.notice("The broker takes messages again", metadata: metadata)
            notifier.status("connected")
        case .consuming(let queue):
            logger.info("Consuming", metadata: metadata.merging(["queue": "\(queue)"]) { $1 })
        case .consumerCancelled(_, let queue):
            logger.warning(
                "The broker ended the consumer: declaring the queue again",
                metadata: metadata.merging(["queue": "\(queue)"]) { $1 })
        case .channelClosed(let error):
            logger.warning(
                "The broker closed a channel: opening another",
                metadata: metadata.merging(["reason": "\(error)"]) { $1 })
        }
    }
}
