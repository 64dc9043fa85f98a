internal import AgentConfiguration
internal import AgentRuntime
internal import Logging
internal import RabbitMQTransport

/// The way of log records and events to the manager. This is the one place where it is chosen.
enum TelemetryRoute: Equatable {
    /// Published to the broker.
    case amqp
    /// Posted to the manager.
    case rest
    /// Sent nowhere.
    case none

    init(_ configuration: AgentConfiguration) {
        self =
            switch configuration.telemetry.mode {
            case .amqp: .amqp
            case .rest: .rest
            case .none: .none
            }
    }

    /// What sends the records, once each; nil when nothing does.
    func sink(
        over transport: RabbitMQTransport, or connections: ManagerConnections, logger: Logger
    ) -> (any TelemetrySink)? {
        switch self {
        case .amqp: transport.telemetry
        case .rest: RESTTelemetrySink(connections: connections, logger: logger)
        case .none: nil
        }
    }
}
