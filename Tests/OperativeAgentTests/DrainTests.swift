import AgentTestSupport
import Operative
import Testing

@Suite("Draining over a real broker", .rabbitMQ, .timeLimit(.minutes(5)))
struct DrainTests {
    private static let queue = "agent_1_operation"
    /// What waits stays with the broker for the whole test.
    private static let settings = ["CONCURRENCY": "1", "DRAIN_TIMEOUT": "3s", "JOURNAL_WAITING_AFTER": "10m"]

    @Test(
        "drain ends intake, gives back what waits, and ends the agent with 0 in its time; the next agent gets the rest")
    func drain() async throws {
        let broker = RabbitMQ.current
        let watch = Stopwatch()
        let first = try await AgentProcess.run(broker, settings: Self.settings) { agent in
            #expect(await agent.log.contains("Ready"))
            try await TaskSender.send("interop.sleep", ["milliseconds": 3_600_000], to: broker) { sender in
                await sender.event("sleeping")
                for number in 2...5 { try await sender.send("interop.sleep", ["milliseconds": 0], id: "\(number)") }
                try await agent.untilStatus { $0["tasks"]?["waiting"] == 4 }
                watch.restart()
                try await agent.command("drain")
                try await sender.send("interop.sleep", ["milliseconds": 0], id: "6")
                await agent.log.untilEnd()
            }
        }
        let took = watch.stop()
        #expect(first.exitCode == 0, "\(first.log)")
        // drain_timeout, 10 s for the last outcomes, 4 s for connections and spool, one to end the process.
        #expect(took < .seconds(3 + 10 + 4 + 1))
        #expect(first.log.contains("drain_timeout is over"), "\(first.log)")
        #expect(!first.log.contains("Outcomes could not be handed to the broker"), "\(first.log)")
        try await untilReady(5, broker)

        // It has a state directory of its own, and cannot know that what was handed out before was never started.
        let settings = Self.settings.merging(["JOURNAL_LOST": "run"]) { $1 }
        let second = try await AgentProcess.run(broker, settings: settings) { agent in
            #expect(await agent.log.contains("Ready"))
            try await TaskSender.send("interop.sleep", ["milliseconds": 0], to: broker, id: "7") { sender in
                // The first agent's operation woke when it was cancelled, the six others when they had run here.
                for _ in 1...7 { await sender.event("woken") }
            }
            try await agent.untilStatus { $0["ended"]?["succeeded"] == 6 }
        }
        #expect(second.exitCode == 0, "\(second.log)")
    }

    @Test("While an agent drains it takes nothing, and what waited is there for others already")
    func whileDraining() async throws {
        let broker = RabbitMQ.current
        let settings = Self.settings.merging(["DRAIN_TIMEOUT": "10m"]) { $1 }
        let end = try await AgentProcess.run(broker, settings: settings) { agent in
            #expect(await agent.log.contains("Ready"))
            try await TaskSender.send("interop.sleep", ["milliseconds": 3_600_000], to: broker) { sender in
                await sender.event("sleeping")
                for number in 2...5 { try await sender.send("interop.sleep", ["milliseconds": 0], id: "\(number)") }
                try await agent.untilStatus { $0["tasks"]?["waiting"] == 4 }
                try await agent.command("drain")
                try await sender.send("interop.sleep", ["milliseconds": 0], id: "6")
                // Nobody has them, and the operation still runs.
                try await untilReady(5, broker)
                let status = try await agent.ask("status")
                #expect(status["state"] == "draining" && status["tasks"]?["running"] == 1)
                try await agent.command("drain", "--now")
                await agent.log.untilEnd()
            }
        }
        #expect(end.exitCode == 0, "\(end.log)")
    }

    /// Waits until the broker says that so many tasks are ready for anybody.
    private func untilReady(_ count: Int, _ broker: RabbitMQ) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        var ready = -1
        while ready != count, ContinuousClock.now < deadline {
            ready = try await broker.node.management.readyCount(queue: Self.queue, virtualHost: broker.virtualHost)
            if ready != count { try await Task.sleep(for: .milliseconds(100)) }
        }
        #expect(ready == count)
    }
}
