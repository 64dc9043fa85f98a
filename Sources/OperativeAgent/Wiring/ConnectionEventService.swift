internal import AMQPClient
internal import Logging
internal import RabbitMQTransport
internal import ServiceLifecycle

/// Tells the log and systemd what happens to the connections.
final class ConnectionEventService: Service {
    private let transport: RabbitMQTransport
    private let status: SystemdStatus
    private let logger: Logger

    init(transport: RabbitMQTransport, status: SystemdStatus, logger: Logger) {
        self.transport = transport
        self.status = status
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            await transport.events { name, event in
                self.log(event, of: name)
                self.status.note(event, of: name)
            }
        }
    }

    private func log(_ event: AMQPConnectionEvent, of connection: String) {
        let metadata: Logger.Metadata = ["connection": "\(connection)"]
        switch event {
        case .connected(let endpoint):
            logger.notice("Connected to the broker", metadata: metadata.merging(["broker": "\(endpoint)"]) { $1 })
        case .lost(let error):
            logger.warning("Connection to the broker lost", metadata: metadata.merging(["reason": "\(error)"]) { $1 })
        case .blocked(let reason):
            logger.warning(
                "The broker takes no messages for now", metadata: metadata.merging(["reason": "\(reason)"]) { $1 })
        case .unblocked:
            logger.notice("The broker takes messages again", metadata: metadata)
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
