import AgentTestSupport
import Testing

@Suite("What systemd hears", .rabbitMQ, .timeLimit(.minutes(1)))
struct NotificationTests {
    @Test("Ready once it consumes, alive from then on, its status while the broker is away and back, and its stop")
    func notifications() async throws {
        let broker = RabbitMQ.current
        let socket = try DatagramSocket(isAbstract: true)
        let end = try await AgentProcess.run(
            broker, environment: ["NOTIFY_SOCKET": socket.address, "WATCHDOG_USEC": "400000"]
        ) { agent in
            await heard("STATUS=connecting to the broker", on: socket)
            await heard("READY=1\nSTATUS=consuming from agent_1_operation", on: socket)
            for _ in 0..<3 { await heard("WATCHDOG=1", on: socket) }
            // The broker knows a connection once it has statistics of it.
            while try await broker.node.management.closeConnections(virtualHost: broker.virtualHost) < 2 {
                try await Task.sleep(for: .milliseconds(50))
            }
            await heard("STATUS=not consuming, broker out of reach", on: socket)
            await heard("STATUS=consuming from agent_1_operation", on: socket)
            for _ in 0..<3 { await heard("WATCHDOG=1", on: socket) }
            agent.terminate()
            await heard("STOPPING=1", on: socket)
        }
        #expect(end.exitCode == 0, "\(end.log)")
    }

    /// Waits for the next datagram that begins so.
    private func heard(_ beginning: String, on socket: DatagramSocket) async {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            guard let message = socket.receive() else {
                try? await Task.sleep(for: .milliseconds(10))
                continue
            }
            if message.hasPrefix(beginning) { return }
        }
        Issue.record("systemd was not told \(beginning)")
    }
}
