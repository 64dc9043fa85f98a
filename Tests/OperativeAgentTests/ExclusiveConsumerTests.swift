import AgentTestSupport
import Testing

@Suite("One agent per queue", .rabbitMQ, .timeLimit(.minutes(3)))
struct ExclusiveConsumerTests {
    private static let inUse = "Another consumer has the queue for itself"

    @Test("A second agent asks again for two heartbeats, then ends with 75 and a message that names shared_queue")
    func refused() async throws {
        let broker = RabbitMQ.current
        let first = try await AgentProcess.run(broker) { first in
            #expect(await first.log.contains("Ready"))
            let clock = ContinuousClock()
            let began = clock.now
            let second = try await AgentProcess.run(broker) { await $0.log.untilEnd() }
            #expect(clock.now - began >= .seconds(2))
            #expect(second.exitCode == 75, "\(second.log)")
            #expect(second.log.contains(Self.inUse))
            #expect(second.log.contains("shared_queue: true"), "\(second.log)")
            #expect(!second.log.contains("Ready"))
        }
        // Untroubled by it all.
        #expect(first.exitCode == 0, "\(first.log)")
        #expect(!first.log.contains("Consuming from"))
    }

    @Test("A second agent that is refused takes over when the first one goes within two heartbeats")
    func takesOver() async throws {
        let broker = RabbitMQ.current
        _ = try await AgentProcess.run(broker) { first in
            #expect(await first.log.contains("Ready"))
            let second = try await AgentProcess.run(broker, settings: ["BROKER_HEARTBEAT": "30s"]) { second in
                #expect(await second.log.contains(Self.inUse))
                first.terminate()
                #expect(await second.log.contains("Ready"))
            }
            #expect(second.exitCode == 0, "\(second.log)")
        }
    }

    @Test("Agents with shared_queue work side by side; one without it is refused beside them")
    func shared() async throws {
        let broker = RabbitMQ.current
        let shared = ["SHARED_QUEUE": "true"]
        let first = try await AgentProcess.run(broker, settings: shared) { first in
            #expect(await first.log.contains("Ready"))
            let second = try await AgentProcess.run(broker, settings: shared) {
                #expect(await $0.log.contains("Ready"))
            }
            #expect(second.exitCode == 0, "\(second.log)")
            let alone = try await AgentProcess.run(broker) { await $0.log.untilEnd() }
            #expect(alone.exitCode == 75, "\(alone.log)")
        }
        #expect(first.exitCode == 0, "\(first.log)")
    }
}
