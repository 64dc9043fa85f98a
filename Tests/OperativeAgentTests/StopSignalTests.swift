import AgentTestSupport
import Foundation
import Operative
import Testing

@Suite("Signals", .rabbitMQ, .timeLimit(.minutes(3)))
struct StopSignalTests {
    @Test("SIGTERM while the agent still connects ends it at once, with 0")
    func whileConnecting() async throws {
        let silent = try SilentServer(.afterConnectionStart)
        defer { silent.close() }
        let watch = Stopwatch()
        let end = try await AgentProcess.run(
            RabbitMQ.current, port: silent.port, settings: ["BROKER_STARTUP_TIMEOUT": "60s"]
        ) { agent in
            await silent.connected()
            watch.restart()
            agent.terminate()
            await agent.log.untilEnd()
        }
        #expect(watch.stop() < .seconds(3))
        #expect(end.exitCode == 0, "\(end.log)")
    }

    @Test("SIGTERM while the agent waits for its queue ends it at once, with 0")
    func whileWaitingForTheQueue() async throws {
        let broker = RabbitMQ.current
        _ = try await AgentProcess.run(broker) { first in
            #expect(await first.log.contains("Ready"))
            let watch = Stopwatch()
            let second = try await AgentProcess.run(broker, settings: ["BROKER_HEARTBEAT": "60s"]) { second in
                #expect(await second.log.contains("Another consumer has the queue"))
                watch.restart()
                second.terminate()
                await second.log.untilEnd()
            }
            #expect(watch.stop() < .seconds(3))
            #expect(second.exitCode == 0, "\(second.log)")
        }
    }

    @Test("SIGTERM while the agent ends what a killed one has left running lets it finish that, and ends it with 0")
    func whileEndingOrphans() async throws {
        let state = FileManager.default.temporaryDirectory.appending(path: "left-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: state) }
        let broker = RabbitMQ.current
        let deaf: PropertyValue = """
            #!/bin/sh
            trap '' TERM
            ctx send-event deaf
            while :; do sleep 1; done
            """
        _ = try await AgentProcess.run(broker, settings: ["STATE_DIRECTORY": state]) { first in
            #expect(await first.log.contains("Ready"))
            try await TaskSender.send("script_runner.tasks.run", ["script_source": deaf], to: broker) {
                await $0.event("deaf")
                kill(first.processID, SIGKILL)
                await first.log.untilEnd()
            }
        }
        let second = try await AgentProcess.run(broker, settings: ["STATE_DIRECTORY": state]) { second in
            #expect(await second.log.contains("Ending what an earlier agent has left running"))
            second.terminate()
            await second.log.untilEnd()
        }
        #expect(second.exitCode == 0, "\(second.log)")
        #expect(second.log.contains("Nothing is left of an operation's processes"))
        #expect(!second.log.contains("Ready"))
    }

    @Test("The first SIGTERM lets a running operation go on, the second one cancels it, and the agent ends with 0")
    func secondSignal() async throws {
        let broker = RabbitMQ.current
        let end = try await AgentProcess.run(broker, settings: ["DRAIN_TIMEOUT": "300s"]) { agent in
            #expect(await agent.log.contains("Ready"))
            try await TaskSender.send("interop.sleep", ["milliseconds": 600_000], to: broker) {
                // Sent when the operation runs.
                await $0.event("sleeping")
                agent.terminate()
                #expect(await agent.log.contains("Stopping: no new tasks"))
                agent.terminate()
                await agent.log.untilEnd()
            }
        }
        #expect(end.exitCode == 0, "\(end.log)")
        #expect(end.log.contains("Second signal"))
    }
}
