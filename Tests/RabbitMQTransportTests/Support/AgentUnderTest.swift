import AMQPClient
import AgentExecutors
import AgentRuntime
import AgentTestSupport
import Logging
import Operative
import OperativeAgent
import RabbitMQTransport

/// A whole agent in this process, over a real broker.
struct AgentUnderTest {
    static let queue = "agent_1"

    let transport: RabbitMQTransport
    let runtime: AgentRuntime
    let archive = CountingArchive()
    let cancellations: InMemoryCancellationRecord
    let spool: SpoolingTelemetrySink?

    /// - Parameter spoolPath: the file of a telemetry spool; nil for none.
    init(
        _ operations: [Operation], broker: AMQPConfiguration, cancellations: InMemoryCancellationRecord = .init(),
        spoolPath: String? = nil,
        journal: any TaskJournal = InMemoryJournal(isFresh: false),
        transport change: (inout RabbitMQConfiguration) -> Void = { _ in },
        runtime changeRuntime: (inout RuntimeConfiguration) -> Void = { _ in }
    ) throws {
        var configuration = RabbitMQConfiguration(queue: Self.queue, broker: broker, prefetch: 50)
        change(&configuration)
        let timers = TimerThread()
        let logger = TestLogger.make("agent")
        self.cancellations = cancellations
        let dispatcher = DispatchThread(name: "op-runtime")
        transport = RabbitMQTransport(
            configuration: configuration, timers: timers, dispatcher: dispatcher, logger: logger)
        spool = spoolPath.map { [transport] path in
            SpoolingTelemetrySink(
                inner: transport.telemetry, store: SpoolTelemetryStore(path: path, logger: logger), room: 16 << 20,
                maximumBytes: 256 << 20, timers: timers, logger: logger)
        }
        var runtimeConfiguration = RuntimeConfiguration(
            agentName: Self.queue, concurrency: 4,
            retry: RetryPolicy(mode: configuration.parksRetries ? .requeue : .reply))
        changeRuntime(&runtimeConfiguration)
        runtime = AgentRuntime(
            configuration: runtimeConfiguration, registry: try OperationRegistry([TestPlugin(operations: operations)]),
            ports: RuntimePorts(
                operations: transport.operations, services: transport.services, sink: transport.sink,
                telemetry: spool ?? transport.telemetry, journal: journal, cancellations: cancellations,
                manager: NoManager(), archive: archive, logger: logger),
            timers: timers, dispatcher: dispatcher)
    }

    /// Runs the agent around `body`.
    func serve<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        try await transport.start(within: .seconds(30))
        spool?.start()
        let serving = Task { await runtime.run() }
        let sweeping = Task { await transport.sweep() }
        func end() async {
            runtime.requestStop()
            await serving.value
            sweeping.cancel()
            await transport.close(within: .seconds(2))
            await spool?.close(within: .seconds(2))
        }
        do {
            let result = try await body()
            await end()
            return result
        } catch {
            await end()
            throw error
        }
    }
}

struct TestPlugin: Plugin {
    static let name = "test"
    static let version = "1"
    let operations: [Operation]
}

extension RabbitMQ {
    /// How an agent connects to this test's virtual host.
    func client(username: String? = nil, password: String? = nil) -> AMQPConfiguration {
        var configuration = AMQPConfiguration(
            endpoints: [AMQPEndpoint(host: host, port: port)], virtualHost: virtualHost,
            username: username ?? self.username, password: password ?? self.password)
        configuration.reconnect = AMQPReconnectPolicy(base: .milliseconds(100), maximum: .seconds(1))
        return configuration
    }
}
