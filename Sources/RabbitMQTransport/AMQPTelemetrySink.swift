internal import AMQPClient
package import AgentRuntime

/// Log records and events on their way to `cloudify-logs` and `cloudify-events-topic` (Cloudify agent protocol up to version 5).
///
/// Sends each record once. What the broker does not take is for the caller to send again, who can keep the order.
package final class AMQPTelemetrySink: TelemetrySink {
    private let connection: AMQPConnection

    init(connection: AMQPConnection) { self.connection = connection }

    package var pendingBytes: Int { connection.outboxBytes }

    package func send(_ record: TelemetryRecord, completion: @escaping @Sendable (TelemetryDelivery) -> Void) {
        connection.send(message(for: record)) { outcome in completion(TelemetryDelivery(outcome)) }
    }

    private func message(for record: TelemetryRecord) -> AMQPMessage {
        var properties = AMQPProperties.persistent
        if let sequence = record.sequence {
            properties.headers = [OperativeHeader.sequence: .integer(Int64(sequence))]
            if record.missing > 0 { properties.headers?[OperativeHeader.missing] = .integer(Int64(record.missing)) }
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

extension TelemetryDelivery {
    fileprivate init(_ outcome: AMQPPublishOutcome) {
        switch outcome {
        case .confirmed, .returned:
            self = .arrived
        case .refused(let error) where error.isFinalForRecords:
            self = .refused(error.message)
        case .nacked, .refused, .stopped, .expired:
            self = .undelivered
        }
    }
}

extension AMQPError {
    /// Too large, impossible to encode, or forbidden. A missing exchange is not: it is declared again.
    fileprivate var isFinalForRecords: Bool {
        code == .invalidMessage || code == .preconditionFailed || code == .accessRefused
    }
}
