import AgentTestSupport
import Foundation
import ManagerTestServer
import Operative
import Testing

@Suite("Log records and events of a Cloudify agent", .rabbitMQ, .timeLimit(.minutes(3)))
struct WorkerTelemetryTests {
    private let broker = RabbitMQ.current
    private let environment = [
        "OPERATIVE_TELEMETRY_MODE": "rest", "REST_PROTOCOL": "http", "LOCAL_REST_CERT_FILE": "/dev/null",
        "OPERATIVE_TELEMETRY_FLUSH_TIMEOUT": "200ms",
    ]

    private func context(_ number: Int, _ manager: TestManager) -> [String: PropertyValue] {
        [
            "execution_id": .string("e\(number % 4)"), "execution_token": .string("token-\(number % 4)"),
            "rest_host": "127.0.0.1", "rest_port": .integer(manager.port), "tenant": ["name": "default_tenant"],
            "deployment_id": "web", "node_id": "host_1", "node_name": "host",
        ]
    }

    @Test(
        "They are posted to the manager that the task names; what it does not take the next agent posts, in order; one refused token loses its own only"
    )
    func outageAndRestart() async throws {
        let place = try await WorkerPlace(broker)
        defer { place.remove() }
        let manager = try await TestManager()
        manager.change { store in
            for number in 0..<4 { store.executions["e\(number)"] = ["id": .string("e\(number)"), "status": "started"] }
        }
        let broker = broker
        let first = try await AgentProcess.runWorker(place, environment: environment) { agent in
            #expect(await agent.log.contains("Ready"))
            try await TaskSender.send("interop.log", [:], to: broker, id: "1", context: context(1, manager)) { sender in
                await manager.received(1)
                try await agent.untilStatus { $0["telemetry"]?["waiting"] == 0 && $0["ended"]?["succeeded"] == 1 }
                // On a slow machine one more may say that they come after the outcome.
                #expect((5...6).contains(manager.store.logs.count))
                #expect(manager.store.events.count == 1)
                // Only the records do not get through: operations wait for their manager otherwise.
                manager.inject(.close, path: "/events", times: .max)
                for number in 2...20 {
                    try await sender.send("interop.log", [:], id: "\(number)", context: context(number, manager))
                }
                try await agent.untilStatus { $0["ended"]?["succeeded"] == 20 }
                let telemetry = try await agent.ask("status")["telemetry"]
                #expect(telemetry?["mode"] == "rest")
                #expect((telemetry?["waiting"]?.intValue ?? 0) >= 19 * 6)
            }
        }
        #expect(first.exitCode == 0, "\(first.log)")
        manager.change { $0.tokens = ["token-0", "token-1", "token-2"] }
        manager.clearFaults()
        let second = try await AgentProcess.runWorker(place, environment: environment) { agent in
            #expect(await agent.log.contains("Log records and events of an earlier run are sent now"))
            try await agent.untilStatus { $0["telemetry"]?["waiting"] == 0 }
            // Five operations of the execution whose token is refused: six records each, and one that says they came late.
            #expect((try await agent.ask("status")["telemetry"]?["unwanted"]?.intValue ?? 0) >= 5 * 6)
        }
        #expect(second.exitCode == 0, "\(second.log)")
        let lines = ["debug line", "info line: Grüße, 世界", "warning line", "error line", "critical line"]
        for number in 1...20 {
            let texts = manager.store.logs.filter { $0["context"]?["task_id"] == .string("\(number)") }
                .compactMap { $0["message"]?["text"]?.stringValue }
            #expect(Array(texts.prefix(5)) == (number % 4 == 3 ? [] : lines))
        }
        let events = manager.store.events.filter { $0["event_type"] == "plugin_event" }
        #expect(events.count == 15)
        let posts = manager.requests.filter { $0.path.hasSuffix("/events") }
        #expect(posts.allSatisfy { $0.json?["agent_name"] == "agent_1" })
        for log in [first.log, second.log] { #expect(!log.contains("token-")) }
        let file = "\(place.directory.path)/log/logs/web.log"
        let log = try String(contentsOfFile: file, encoding: .utf8)
        #expect(log.split(separator: "\n").count == 20 * 5)
        #expect(log.contains(":WARNING: [e1] [host_1] warning line\n"))
        await manager.goDown()
    }
}
