internal import AMQPClient
package import AgentRuntime

/// Log records and events on their way to `cloudify-logs` and `cloudify-events-topic` (Cloudify agent protocol up to version 5).
package final class AMQPTelemetrySink: TelemetrySink {
    private static let attempts = 5
    private let connection: AMQPConnection

    init(connection: AMQPConnection) { self.connection = connection }

    package var pendingBytes: Int { connection.outboxBytes }

    package func send(_ record: TelemetryRecord, completion: @escaping @Sendable (Bool) -> Void) {
        send(message(for: record), attempt: 1, completion)
    }

    /// A record that the broker could not take is sent again a few times, then given up and reported lost.
    private func send(_ message: AMQPMessage, attempt: Int, _ completion: @escaping @Sendable (Bool) -> Void) {
        connection.send(message) { [self] outcome in
            switch outcome {
            case .confirmed, .returned:
                completion(true)
            case .nacked where attempt < Self.attempts:
                send(message, attempt: attempt + 1, completion)
            case .nacked, .refused, .stopped, .expired:
                completion(false)
            }
        }
    }

    private func message(for record: TelemetryRecord) -> AMQPMessage {
        var properties = AMQPProperties.persistent
        if let sequence = record.sequence {
            properties.headers = [OperativeHeader.sequence: .integer(Int64(sequence))]
        }
        // Not mandatory: a fanout exchange that nobody listens to would return every record.
        return switch record.kind {
        case .log:
            AMQPMessage(
                exchange: AgentTopology.logExchange, routingKey: "", body: record.body, properties: properties,
                mandatory: false)
        case .event:
            AMQPMessage(
                exchange: AgentTopology.eventExchange, routingKey: "events", body: record.body, properties: properties,
                mandatory: false)
        }
    }
}
