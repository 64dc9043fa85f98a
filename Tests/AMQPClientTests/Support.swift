import AMQPClient
import AgentTestSupport
import Logging
import Synchronization
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
@discardableResult
func withConnection<Output: Sendable>(
    _ change: (inout AMQPConfiguration) -> Void = { _ in }, _ body: @Sendable (AMQPConnection) async throws -> Output
) async throws -> Output {
    let connection = AMQPConnection(configuration: configuration(change), logger: quietLogger())
    connection.start()
    do {
        try await connection.connected(within: .seconds(60))
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

/// Collects what callbacks bring, and lets a test wait for it.
final class Collector<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var elements: [Element] { state.withLock { $0.elements } }

    func add(_ element: Element) {
        let awakened = state.withLock { state in
            state.elements.append(element)
            let count = state.elements.count
            defer { state.waiters.removeAll { $0.count <= count } }
            return state.waiters.filter { $0.count <= count }
        }
        for waiter in awakened { waiter.continuation.resume() }
    }

    /// Waits until there are at least `count`.
    func wait(for count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.elements.count >= count { return true }
                state.waiters.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }
}

/// Asks again until the answer is yes, for what the broker tells only when asked. Records an issue after 20 seconds.
func eventually(
    _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            Issue.record(what, sourceLocation: sourceLocation)
            return
        }
        try await Task.sleep(for: .milliseconds(20))
    }
}

/// Has the broker close the test's connections.
func closeConnectionsByBroker() async throws {
    let broker = RabbitMQ.current
    try await broker.node.control("close_all_connections", "--vhost", broker.virtualHost, "a test wants it")
}

/// The ready messages of a queue, exactly.
func readyMessages(_ queue: String, _ connection: AMQPConnection) async throws -> Int {
    try await connection.withChannel { channel in try await channel.inspect(queue: queue).messageCount }
}

func expectReady(
    _ count: Int, in queue: String, _ connection: AMQPConnection, sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    let ready = try await readyMessages(queue, connection)
    #expect(ready == count, sourceLocation: sourceLocation)
}

/// Waits for an event.
func waitFor(
    _ events: AsyncStream<AMQPConnectionEvent>, _ isWanted: (AMQPConnectionEvent) -> Bool
) async -> AMQPConnectionEvent? {
    for await event in events where isWanted(event) { return event }
    return nil
}

func isConnected(_ event: AMQPConnectionEvent) -> Bool {
    if case .connected = event { true } else { false }
}

func isLost(_ event: AMQPConnectionEvent) -> Bool {
    if case .lost = event { true } else { false }
}

/// A message whose body is a number.
func numbered(_ number: Int, to queue: String, exchange: String = "") -> AMQPMessage {
    AMQPMessage(exchange: exchange, routingKey: queue, body: Array(String(number).utf8))
}

extension AMQPDelivery {
    /// The number in the body.
    var number: Int? { Int(String(decoding: body.bytes, as: UTF8.self)) }
}
