internal import AMQPClient
internal import AgentConfiguration
internal import RabbitMQTransport

/// Says of a broker that cannot be used which setting to look at.
enum BrokerFailure {
    static func commandFailure(for error: AMQPError, _ broker: AgentConfiguration.Broker) -> CommandFailure {
        let hosts = broker.endpoints.map { "\($0)" }.joined(separator: ", ")
        switch error.code {
        case _ where error.meansExclusiveUse:
            return CommandFailure(
                message:
                    "queue: another agent consumes from this queue, for two heartbeats already (\(error.message)); stop it, choose another name, or set shared_queue: true on both",
                status: ExitStatus.temporaryFailure)
        case .preconditionFailed:
            return CommandFailure(
                message:
                    "queue_type, shared_queue: \(error.message); the queue was made with others: give the same ones, or delete it once it is empty",
                status: ExitStatus.configuration)
        case .authenticationRefused where error.replyCode == 530 || error.replyCode == 402:
            return CommandFailure(
                message:
                    "broker.virtual_host \(broker.virtualHost): \(error.message); create it, or correct broker.virtual_host",
                status: ExitStatus.configuration)
        case .invalidConfiguration:
            return CommandFailure(
                message: "broker.tls: \(error.message); correct the file that it names",
                status: ExitStatus.configuration)
        case .authenticationRefused:
            return CommandFailure(
                message:
                    "broker.username, broker.password: \(error.message); give the agent's user and password as the broker knows them",
                status: ExitStatus.configuration)
        case .accessRefused, .notFound:
            return CommandFailure(
                message:
                    "broker.virtual_host \(broker.virtualHost): \(error.message); check the virtual host and the user's permissions on it",
                status: ExitStatus.configuration)
        case .tlsRefused:
            return CommandFailure(
                message:
                    "broker.tls: \(error.message) (\(hosts)); check broker.tls.ca_file, the client certificate and broker.tls.server_name",
                status: ExitStatus.unavailable)
        default:
            return CommandFailure(
                message:
                    "broker.hosts: no broker can be used at \(hosts): \(error.message); start it or correct broker.hosts and broker.port",
                status: ExitStatus.unavailable)
        }
    }
}
