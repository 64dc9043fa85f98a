import AgentTestSupport
import Foundation
import Operative
import Testing

@Suite("In the place of a Cloudify agent's Python worker", .rabbitMQ, .timeLimit(.minutes(3)))
struct WorkerTests {
    private let broker = RabbitMQ.current

    @Test(
        "With the service's command line, environment and files, and a manager's permissions, it serves, logs and stops when told by an operation"
    )
    func serves() async throws {
        let place = try await WorkerPlace(broker)
        defer { place.remove() }
        let end = try await AgentProcess.runWorker(place) { agent in
            #expect(await agent.log.contains("Ready"))
            let echo = try PropertyValue(json: Array(try await place.send("interop.echo", ["-i", "a=1"]).utf8))
            #expect(echo == ["ok": true, "result": ["a": 1]])
            // The manager's engine waits, not the agent.
            let retry = try PropertyValue(
                json: Array(
                    try await place.send("interop.retry", ["-i", "until=1", "-i", "milliseconds=60000"]).utf8))
            #expect(retry["error"]?["exception_type"] == "OperationRetry")
            let stop = try PropertyValue(json: Array(try await place.send("cloudify_agent.operations.stop").utf8))
            #expect(stop == ["ok": true])
            await agent.log.untilEnd()
        }
        #expect(end.exitCode == 0, "\(end.log)")
        #expect(!end.log.contains("closed a channel"), "\(end.log)")
        let log = try String(contentsOfFile: place.logFile, encoding: .utf8)
        #expect(try #/ \d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - operative - INFO - Ready .*/#.firstMatch(in: log) != nil)
        #expect(end.log.contains(log.trimmingCharacters(in: .newlines)), "standard output has what the file has")
        #expect(!log.contains("secret"))
        let state = "\(place.workDirectory)/operative"
        #expect(try FileManager.default.attributesOfItem(atPath: state)[.posixPermissions] as? Int == 0o700)
        #expect(!FileManager.default.fileExists(atPath: place.errorFile))
    }

    @Test(
        "A reply queue that nobody may touch is left alone when an execution is cancelled, and the next reply goes out over the same channel"
    )
    func cancelled() async throws {
        let place = try await WorkerPlace(broker)
        defer { place.remove() }
        let replies = "execution_responses_execution"
        let environment = ["OPERATIVE_TELEMETRY_MODE": "amqp"]
        let end = try await AgentProcess.runWorker(place, environment: environment) { agent in
            #expect(await agent.log.contains("Ready"))
            try await TaskSender.send("interop.echo", [:], to: broker) { sender in
                try await sender.makeReplyQueue(replies)
                try await sender.send("interop.sleep", ["milliseconds": 600_000], id: "2", replyTo: replies)
                await sender.event("sleeping")
                try await sender.cancel("execution")
                await sender.event("woken")
                _ = try await place.send("interop.echo")
            }
        }
        #expect(try await broker.node.management.messageCount(queue: replies, virtualHost: broker.virtualHost) == 0)
        #expect(end.exitCode == 0, "\(end.log)")
        #expect(!end.log.contains("closed a channel"), "\(end.log)")
        #expect(!end.log.contains("Connection to the broker lost"), "\(end.log)")
    }

    @Test("SIGTERM ends it with 0")
    func terminated() async throws {
        let place = try await WorkerPlace(broker)
        defer { place.remove() }
        let end = try await AgentProcess.runWorker(place) { agent in
            #expect(await agent.log.contains("Ready"))
            agent.terminate()
            await agent.log.untilEnd()
        }
        #expect(end.exitCode == 0, "\(end.log)")
        #expect(end.log.contains("Stopped"))
    }

    @Test("What keeps it from starting is one line, an exit code, and the file that cfy-agent looks for")
    func startupErrors() async throws {
        var place = try await WorkerPlace(broker)
        defer { place.remove() }
        func failure(_ environment: [String: String] = [:], code: Int32) async throws -> String {
            try? FileManager.default.removeItem(atPath: place.errorFile)
            let end = try await AgentProcess.runWorker(place, environment: environment) { await $0.log.untilEnd() }
            #expect(end.exitCode == code, "\(end.log)")
            let file = try String(contentsOfFile: place.errorFile, encoding: .utf8)
            let reason = try #require(file.split(separator: "\nValue: ").last)
            #expect(end.log.contains(reason.trimmingCharacters(in: .newlines)), "\(end.log)")
            return file
        }
        #expect(try await failure(["OPERATIVE_TELEMETRY_MODE": "post"], code: 78).contains("telemetry.mode"))
        #expect(try await failure(["AGENT_LOG_DIR": "/proc/none"], code: 73).contains("AGENT_LOG_DIR"))
        place.brokerConfig["broker_password"] = "wrong"
        try place.write()
        #expect(try await failure(code: 78).contains("broker.username, broker.password"))
        place.brokerConfig["broker_port"] = 0.5
        try place.write()
        #expect(try await failure(code: 78).contains("broker_config.json, broker_port: is no whole number"))
    }
}
