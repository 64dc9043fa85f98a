internal import AgentConfiguration
internal import AgentRuntime
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

    /// Refuses a configuration whose route this build does not have: its records would vanish without a word.
    static func check(_ configuration: AgentConfiguration) throws(CommandFailure) {
        guard TelemetryRoute(configuration) == .rest else { return }
        throw CommandFailure(
            message: """
                telemetry.mode: rest is not there yet; write amqp, for managers that take log records and events from the \
                broker, or none (OPERATIVE_TELEMETRY_MODE)
                """,
            status: ExitStatus.configuration)
    }

    /// What sends the records, once each; nil when nothing does. ``check(_:)`` has let only routes pass that are there.
    func sink(over transport: RabbitMQTransport) -> (any TelemetrySink)? {
        switch self {
        case .amqp: transport.telemetry
        case .rest, .none: nil
        }
    }
}
