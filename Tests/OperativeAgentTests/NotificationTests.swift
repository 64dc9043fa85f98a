import AgentTestSupport
import Testing

@Suite("What systemd hears", .rabbitMQ, .timeLimit(.minutes(5)))
struct NotificationTests {
    private static let consuming = "STATUS=consuming from agent_1_operation"

    @Test("Ready once it consumes, alive from then on, its status while the broker is away and back, and its stop")
    func notifications() async throws {
        let broker = RabbitMQ.current
        let systemd = try NotificationCollector()
        defer { systemd.close() }
        let end = try await AgentProcess.run(
            broker, environment: ["NOTIFY_SOCKET": systemd.address, "WATCHDOG_USEC": "400000"]
        ) { agent in
            let connecting = await systemd.heard("of connecting") { $0 == "STATUS=connecting to the broker" }
            let ready = await systemd.heard("of its readiness", after: connecting) {
                $0 == "READY=1\n\(Self.consuming)"
            }
            await signsOfLife(3, after: ready, systemd)
            let away: @Sendable (String) -> Bool = { $0.hasPrefix("STATUS=not consuming, broker out of reach") }
            // The broker knows a connection once it has statistics of it, of one perhaps later than of the other.
            let deadline = ContinuousClock.now + .seconds(60)
            while !systemd.has(after: ready, away), ContinuousClock.now < deadline {
                try await broker.node.management.closeConnections(virtualHost: broker.virtualHost)
                try await Task.sleep(for: .milliseconds(50))
            }
            let lost = await systemd.heard("of the lost connection", after: ready, away)
            let back = await systemd.heard("of the return", after: lost) { $0 == Self.consuming }
            await signsOfLife(3, after: back, systemd)
            let signalled = systemd.count
            agent.terminate()
            await systemd.heard("of the stop", after: signalled) { $0 == "STOPPING=1" }
        }
        #expect(end.exitCode == 0, "\(end.log)")
        #expect(systemd.all.count { $0.hasPrefix("READY=1") } == 1)
    }

    private func signsOfLife(_ count: Int, after start: Int, _ systemd: NotificationCollector) async {
        var place = start
        for _ in 0..<count { place = await systemd.heard("of life", after: place) { $0 == "WATCHDOG=1" } }
    }
}
