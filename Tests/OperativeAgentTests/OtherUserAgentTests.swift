import AgentTestSupport
import Foundation
import Operative
import Testing

/// `operation.user`, from the setting to the reply.
@Suite(
    "An agent whose operations are another user's", .rabbitMQ, .root, .programs(runBy: "daemon"),
    .timeLimit(.minutes(3)))
struct OtherUserAgentTests {
    private let broker = RabbitMQ.current
    private let directory = FileManager.default.temporaryDirectory.appending(path: "other-\(UUID().uuidString)").path
    private let settings: [String: String]

    init() throws {
        let manager = FileManager.default
        try manager.createDirectory(atPath: directory + "/open", withIntermediateDirectories: true)
        try OpenPrograms.copy(["ctx", "operation-launcher"], to: directory + "/libexec")
        try manager.setAttributes([.posixPermissions: 0o777], ofItemAtPath: directory + "/open")
        settings = ["OPERATION_USER": "daemon", "LIBEXEC": directory + "/libexec", "TELEMETRY_MODE": "none"]
    }

    private func send(_ source: String) async throws -> String {
        try await Command.run(
            "env",
            [
                "OPERATIVE_NAME=agent_1", "OPERATIVE_BROKER_HOSTS=\(broker.host):\(broker.port)",
                "OPERATIVE_BROKER_VIRTUAL_HOST=\(broker.virtualHost)", try AgentProcess.program(), "send",
                "script_runner.tasks.run", "--json", "--timeout", "60", "-i", "script_source=#!/bin/sh\n\(source)",
            ])
    }

    /// Waits until the agent with this state directory says that it is ready.
    private func untilReady(_ state: String) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let status = try? await Command.run(
                try AgentProcess.program(), ["status", "--json", "--state-directory", state])
            if let status, try PropertyValue(json: Array(status.utf8))["state"] == "ready" { return }
            try #require(ContinuousClock.now < deadline, "the agent is not ready: \(status ?? "no answer")")
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    @Test("A script runs as that user, in its home's environment, reaches its ctx, and leaves nothing")
    func runs() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let end = try await AgentProcess.run(broker, settings: settings) { agent in
            try await untilReady(agent.stateDirectory)
            let reply = try await send(
                """
                ctx logger info hello
                echo "$0 $(dirname "$(dirname "$(command -v ctx)")")" > '\(directory)/open/places'
                ctx returns "$(id -un) $(pwd) $HOME $(stat -c '%U %a' "$0")"
                """)
            #expect(reply.contains("daemon / /usr/sbin daemon 700"), "\(reply)")
            let places = try String(contentsOfFile: directory + "/open/places", encoding: .utf8).split(separator: "\n")[
                0
            ]
            .split(separator: " ").map(String.init)
            #expect(places.count == 2)
            for place in places { #expect(!FileManager.default.fileExists(atPath: place), "\(place)") }
        }
        #expect(end.exitCode == 0)
    }

    @Test("What a killed agent has left of such a script is removed by its next start")
    func killed() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let state = directory + "/state"
        let all = settings.merging(["STATE_DIRECTORY": state]) { $1 }
        let list = directory + "/open/places"
        _ = try await AgentProcess.run(broker, settings: all) { agent in
            try await untilReady(state)
            // Nobody waits for the answer.
            let sending = Task {
                try await send(
                    "echo \"$0 $(dirname \"$(dirname \"$(command -v ctx)\")\")\" > '\(list).new'; mv '\(list).new' '\(list)'; sleep 600"
                )
            }
            let deadline = ContinuousClock.now + .seconds(60)
            while !FileManager.default.fileExists(atPath: list), ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(20))
            }
            kill(agent.processID, SIGKILL)
            sending.cancel()
        }
        let places = try String(contentsOfFile: list, encoding: .utf8).split(separator: "\n")[0].split(separator: " ")
            .map(String.init)
        #expect(places.count == 2 && places.allSatisfy { FileManager.default.fileExists(atPath: $0) }, "\(places)")
        _ = try await AgentProcess.run(broker, settings: all) { _ in
            try await untilReady(state)
            let deadline = ContinuousClock.now + .seconds(60)
            while places.contains(where: { FileManager.default.fileExists(atPath: $0) }), ContinuousClock.now < deadline
            {
                try await Task.sleep(for: .milliseconds(20))
            }
            for place in places { #expect(!FileManager.default.fileExists(atPath: place), "\(place)") }
        }
    }
}
