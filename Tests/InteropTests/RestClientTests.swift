import AgentTestSupport
import Foundation
import ManagerClient
import ManagerTestServer
import Operative
import Testing

/// The client of cloudify-common reads through the test manager what the agent's client wrote, and the other way round.
@Suite("Interoperation with cloudify_rest_client", .timeLimit(.minutes(5)))
struct RestClientTests {
    @Test("Each client reads what the other one wrote")
    func roundTrip() async throws {
        let python = try await PythonEnvironment.interpreter()
        let manager = try await TestManager()
        manager.change { store in
            store.tokens = ["token-1"]
            store.executions["e1"] = ["id": "e1", "status": "started"]
            store.operations["op-1"] = ["id": "op-1", "state": "sent"]
            store.addNode("app", properties: ["port": 80])
            store.addInstance("app_1", node: "app")
            store.tenants["default_tenant"] = ["name": "default_tenant"]
            store.managers = [["hostname": "m1", "networks": ["default": "127.0.0.1"]]]
            store.config = [["name": "task_retries", "scope": ["workflow"], "value": 60]]
        }
        let pool = ManagerPool()
        let address = try ManagerAddress(scheme: .http, hosts: ["127.0.0.1"], port: manager.port)
        let client = pool.client(
            for: address, credentials: ManagerCredentials(token: .execution("token-1"), tenant: "default_tenant"),
            sender: ManagerSender(agentName: "agent1"))
        let directory = FileManager.default.temporaryDirectory.appending(path: "rest-client-\(UUID().uuidString)").path
        let workdir = directory + "/workdir"
        try FileManager.default.createDirectory(atPath: workdir, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }

        let properties: [String: PropertyValue] = ["text": "ü \" \\ \n", "deep": ["list": [1, 2.5, nil, true]]]
        _ = try await client.storeRuntimeProperties(properties, of: "app_1", version: 1, state: "creating")
        try await client.setOperationState("started", of: "op-1")
        try "from the agent".write(toFile: directory + "/file", atomically: false, encoding: .utf8)
        try await client.uploadWorkdirFile(
            directory + "/file", as: "from_agent.txt", modified: "2026-11-21T00:12:16.101998+00:00", to: "dep1",
            tenant: "default_tenant")

        let script = Command.repositoryRoot + "/Tests/InteropTests/rest_client.py"
        let output = try await Command.run(
            "env", ["PYTHONDONTWRITEBYTECODE=1", python, script, "\(manager.port)", workdir])
        let found = try PropertyValue(json: Array(output.utf8))
        #expect(found["execution"] == "started")
        #expect(found["properties"] == .object(properties))
        #expect(found["version"] == 2 && found["state"] == "creating")
        #expect(found["operation"] == "started")
        #expect(found["node"] == ["port": 80])
        #expect(found["tenant"] == "default_tenant" && found["managers"] == ["m1"] && found["config"] == 60)
        #expect(found["evaluated"] == ["a": 1])
        #expect(found["missing"] == [404, "not_found_error"])
        #expect(found["conflict"] == [409, "conflict_error"])
        #expect(found["file"] == "from the agent")

        let instance = try await client.nodeInstance("app_1")
        #expect(instance.runtimeProperties == ["by": "python"] && instance.version == 3)
        #expect(try await client.operation("op-1")?.state == "succeeded")
        #expect(manager.store.logs.map { $0.value(at: "message.text") } == ["from python"])
        let index = try await client.workdirIndex(of: "dep1", tenant: "default_tenant")
        #expect(index.keys.sorted() == ["from_agent.txt", "from_python.txt"])
        try await client.downloadWorkdirFile(
            "from_python.txt", of: "dep1", tenant: "default_tenant", to: directory + "/back", limit: 100)
        #expect(try String(contentsOfFile: directory + "/back", encoding: .utf8) == "python")
        await pool.shutdown()
        await manager.goDown()
    }
}
