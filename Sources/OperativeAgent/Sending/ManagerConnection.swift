internal import AMQPClient
internal import AgentConfiguration
internal import Logging
internal import RabbitMQTransport

/// A manager in miniature: sends a message to an agent and waits for the answer.
struct ManagerConnection {
    let topology: AgentTopology
    private let connection: AMQPConnection
    private let broker: AgentConfiguration.Broker

    init(configuration: AgentConfiguration, role: String) {
        topology = AgentTopology(queue: configuration.queue)
        broker = configuration.broker
        connection = AMQPConnection(
            configuration: configuration.broker.client(
                name: "\(configuration.queue) (\(role))", maxMessageBytes: configuration.maxMessageBytes),
            logger: Logger(label: "operative.\(role)") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Connects, runs `body` and closes again.
    func run<Result: Sendable>(_ body: (AMQPConnection) async throws -> Result) async throws -> Result {
        connection.start()
        do {
            try await connection.connected(within: broker.startupTimeout ?? .seconds(60))
            let result = try await body(connection)
            await connection.close(within: .seconds(2))
            return result
        } catch let error as AMQPError {
            await connection.close(within: .zero)
            throw BrokerFailure.commandFailure(for: error, broker)
        } catch {
            await connection.close(within: .zero)
            throw error
        }
    }

    /// A queue for one answer, which goes with the connection. The agent publishes answers to its own exchange, so that is where it is bound.
    func replyQueue(correlationID: String) -> (name: String, topology: AMQPTopology) {
        let name = "\(topology.queue)_response_\(correlationID)"
        return (
            name,
            AMQPTopology(
                exchanges: [AMQPExchange(name: topology.exchange)],
                queues: [AMQPQueue(name: name, durable: false, exclusive: true)],
                bindings: [AMQPBinding(queue: name, exchange: topology.exchange, routingKey: name)])
        )
    }

    /// Says that nobody listens under this agent's name.
    var noSuchAgent: CommandFailure {
        CommandFailure(
            message:
                "name: no agent has ever consumed from \(topology.queue) on this broker; start it, or correct --name",
            status: ExitStatus.unavailable)
    }
}
