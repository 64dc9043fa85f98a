import AgentTestSupport
import Operative
import Testing

@Suite("A disk that takes nothing", .rabbitMQ, .timeLimit(.minutes(5)))
struct UnwritableStateTests {
    private static let consuming = "STATUS=consuming from agent_1_operation"

    @Test("systemd and status hear that no new tasks are taken, and why; with room again the agent goes on by itself")
    func fullDisk() async throws {
        let broker = RabbitMQ.current
        let systemd = try NotificationCollector()
        defer { systemd.close() }
        let end = try await AgentProcess.run(
            broker, environment: ["NOTIFY_SOCKET": systemd.address, "WATCHDOG_USEC": "2000000"]
        ) { agent in
            let ready = await systemd.heard("of its readiness") { $0 == "READY=1\n\(Self.consuming)" }
            // No file may grow any more, or be written at all: what a full disk does.
            try await agent.limitFiles(toBytes: "0")
            let full = await systemd.heard("of the disk", after: ready) {
                $0.hasPrefix("STATUS=no new tasks: the journal cannot be written")
            }
            let status = try await agent.ask("status")
            #expect(status["state"] == "not_ready")
            #expect(status["reason"]?.stringValue?.contains("the journal cannot be written") == true)
            // It is alive, and says so; systemd has no word for an agent that is not ready any more.
            await systemd.heard("of life", after: full) { $0 == "WATCHDOG=1" }
            try await TaskSender.send("interop.sleep", ["milliseconds": 0], to: broker) { sender in
                try await agent.limitFiles(toBytes: "unlimited")
                await systemd.heard("of the recovery", after: full) { $0 == Self.consuming }
                await sender.event("woken")
            }
            try await agent.untilReady()
        }
        #expect(end.exitCode == 0, "\(end.log)")
        #expect(end.log.contains("No new tasks: the journal cannot be written"), "\(end.log)")
    }
}
