import AgentTestSupport
import Foundation
import ManagerTestServer
import Operative
import Testing

/// The agent's program and a manager's REST service, over kills and restarts.
@Suite("A Cloudify agent and its manager's REST service", .rabbitMQ, .timeLimit(.minutes(3)))
struct WorkerManagerTests {
    private let broker = RabbitMQ.current
    private let environment = ["REST_PROTOCOL": "http", "LOCAL_REST_CERT_FILE": "/dev/null"]

    private func context(_ manager: TestManager, host: String = "127.0.0.1") -> [String: PropertyValue] {
        [
            "execution_id": "e1", "execution_token": "token", "rest_host": .string(host),
            "rest_port": .integer(manager.port), "tenant": ["name": "default_tenant"],
        ]
    }

    private func manager() async throws -> TestManager {
        let manager = try await TestManager()
        manager.change { store in
            store.executions["e1"] = ["id": "e1", "status": "started"]
            store.operations["1"] = ["id": "1", "state": "sent"]
        }
        return manager
    }

    @Test(
        "Killed between an operation's end and its last state: the next start stores the state, then answers, and nothing runs again",
        arguments: ["finished", "flushed"])
    func killedBeforeTheLastState(_ failpoint: String) async throws {
        let place = try await WorkerPlace(broker)
        defer { place.remove() }
        let manager = try await manager()
        let (broker, environment) = (broker, environment)
        try await ServiceCaller.with(broker) { caller in
            let killing = environment.merging(["OPERATIVE_FAILPOINT": failpoint]) { $1 }
            let first = try await AgentProcess.runWorker(place, environment: killing) { agent in
                #expect(await agent.log.contains("Ready"))
                try await caller.start("interop.echo", ["a": 1], id: "1", context: context(manager))
                await agent.log.untilEnd()
            }
            #expect(first.exitCode == nil)
            #expect(manager.store.operations["1"]?["state"] == "started")
            let second = try await AgentProcess.runWorker(place, environment: environment) { agent in
                let reply = try await caller.reply(to: "1")
                #expect(reply == ["ok": true, "result": ["a": 1]])
                #expect(manager.store.operations["1"]?["state"] == "response-sent")
                #expect(try await caller.call("ping")?["time"] != nil)
            }
            #expect(second.exitCode == 0, "\(second.log)")
        }
        let states = manager.requests.compactMap { $0.json?["state"]?.stringValue }
        #expect(states == ["started", "response-sent"])
        await manager.goDown()
    }

    @Test("Managers that a cluster-update has named are used by the next start, too, for tasks that name others")
    func namedManagers() async throws {
        let place = try await WorkerPlace(broker)
        defer { place.remove() }
        let manager = try await manager()
        let state = "\(place.workDirectory)/operative"
        try FileManager.default.createDirectory(
            atPath: state, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try #"{"managers": ["127.0.0.1"]}"#.write(toFile: state + "/managers.json", atomically: false, encoding: .utf8)
        let (broker, environment) = (broker, environment)
        try await ServiceCaller.with(broker) { caller in
            let end = try await AgentProcess.runWorker(place, environment: environment) { agent in
                #expect(await agent.log.contains("Ready"))
                try await caller.start(
                    "interop.echo", ["a": 1], id: "1", context: context(manager, host: "gone.invalid"))
                #expect(try await caller.reply(to: "1")?["ok"] == true)
            }
            #expect(end.exitCode == 0, "\(end.log)")
        }
        #expect(manager.store.operations["1"]?["state"] == "response-sent")
        await manager.goDown()
    }
}
