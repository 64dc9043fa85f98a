import AMQPClient
import AgentTestSupport
import Logging
import Testing

/// A quick configuration for the broker of the running test.
func configuration(_ change: (inout AMQPConfiguration) -> Void = { _ in }) -> AMQPConfiguration {
    let broker = RabbitMQ.current
    var configuration = AMQPConfiguration(
        endpoints: [AMQPEndpoint(host: broker.host, port: broker.port)], virtualHost: broker.virtualHost,
        username: broker.username, password: broker.password, heartbeat: .seconds(2),
        reconnect: AMQPReconnectPolicy(base: .milliseconds(20), maximum: .milliseconds(200)))
    change(&configuration)
    return configuration
}

/// A logger that is silent unless a test is being looked into.
func quietLogger() -> Logger {
    var logger = Logger(label: "amqp-tests") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = .critical
    return logger
}

/// Lends a connected connection to the broker of the running test.
func withConnection<Output: Sendable>(
    _ change: (inout AMQPConfiguration) -> Void = { _ in }, _ body: @Sendable (AMQPConnection) async throws -> Output
) async throws -> Output {
    let connection = AMQPConnection(configuration: configuration(change), logger: quietLogger())
    connection.start()
    do {
        try await connection.connected(within: .seconds(20))
        let output = try await body(connection)
        await connection.close(within: .zero)
        return output
    } catch {
        await connection.close(within: .zero)
        throw error
    }
}

/// The next delivery.
func first(of deliveries: AMQPDeliveries) async -> AMQPDelivery? {
    var iterator = deliveries.makeAsyncIterator()
    return await iterator.next()
}
