import AMQPClient
import AgentTestSupport
import Logging
import Operative
import Testing

@Suite("A queue that somebody else takes", .rabbitMQ, .timeLimit(.minutes(5)))
struct StolenQueueTests {
    private static let queue = "agent_1_operation"

    /// Keeps asking for the agent's queue, so that it gets it as soon as the agent's connection is gone.
    private func steal(_ broker: RabbitMQ, during body: () async throws -> Void) async throws -> AMQPConnection {
        let thief = AMQPConnection(
            configuration: AMQPConfiguration(
                endpoints: [AMQPEndpoint(host: broker.host, port: broker.port)], virtualHost: broker.virtualHost),
            logger: Logger(label: "thief") { _ in SwiftLogNoOpLogHandler() })
        thief.start()
        try await thief.connected(within: .seconds(60))
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            do throws(AMQPError) {
                _ = try await thief.consume(AMQPConsumer(queue: Self.queue, prefetch: 1, exclusive: true))
                return thief
            } catch {
                guard ContinuousClock.now < deadline else { throw error }
                try await body()
            }
        }
    }

    @Test("After a reconnect the agent asks for two heartbeats, finishes what it runs, and ends with 75")
    func kept() async throws {
        let broker = RabbitMQ.current
        let systemd = try NotificationCollector()
        defer { systemd.close() }
        let end = try await AgentProcess.run(broker, environment: ["NOTIFY_SOCKET": systemd.address]) { agent in
            await systemd.heard("of its readiness") { $0.hasPrefix("READY=1") }
            try await TaskSender.send("interop.sleep", ["milliseconds": 4_000], to: broker) { sender in
                await sender.event("sleeping")
                let thief = try await steal(broker) { try await closeConsuming(broker) }
                await systemd.heard("that the agent waits") {
                    $0 == "STATUS=not consuming: waiting for another consumer to let go of \(Self.queue)"
                }
                let status = try await agent.ask("status")
                #expect(status["reason"]?.stringValue?.contains("another consumer") == true, "\(status)")
                await sender.event("woken")
                await agent.log.untilEnd()
                await thief.close()
            }
        }
        #expect(end.exitCode == 75, "\(end.log)")
        #expect(end.log.contains("Another consumer keeps the queue: stopping"))
        #expect(end.log.contains("shared_queue: true"), "\(end.log)")
        #expect(systemd.has { $0 == "STOPPING=1" })
    }

    @Test("When the other consumer goes within two heartbeats, the agent goes on")
    func regained() async throws {
        let broker = RabbitMQ.current
        let end = try await AgentProcess.run(broker, settings: ["BROKER_HEARTBEAT": "30s"]) { agent in
            #expect(await agent.log.contains("Ready"))
            let thief = try await steal(broker) { try await closeConsuming(broker) }
            #expect(await agent.log.contains("Another consumer has the queue for itself"))
            await thief.close()
            #expect(await agent.log.contains("The queue is this agent's again"))
            try await agent.untilReady()
        }
        #expect(end.exitCode == 0, "\(end.log)")
    }

    /// The broker knows a connection once it has statistics of it.
    private func closeConsuming(_ broker: RabbitMQ) async throws {
        let management = broker.node.management
        for connection in try await management.connections(virtualHost: broker.virtualHost)
        where connection.user_provided_name?.hasSuffix("(consume)") == true {
            try? await management.closeConnection(connection.name)
        }
    }
}
