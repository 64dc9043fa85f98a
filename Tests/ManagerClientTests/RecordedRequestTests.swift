import Foundation
import ManagerClient
import ManagerTestServer
import Operative
import Testing

/// Requests of the original agent, as they were recorded, against those of this client.
@Suite("Recorded requests", .timeLimit(.minutes(2)))
struct RecordedRequestTests {
    typealias Call = @Sendable (ManagerClient, Fixture) async throws -> Void

    /// A recorded request.
    struct Fixture: Sendable {
        let value: PropertyValue

        init(_ name: String) throws {
            let directory = try #require(Bundle.module.resourceURL).appending(path: "Fixtures")
            value = try PropertyValue(json: Array(Data(contentsOf: directory.appending(path: "\(name).json"))))
        }

        func text(_ key: String) -> String { value[key]?.stringValue ?? "" }
        var body: PropertyValue { value["body"] ?? nil }
        var status: Int { value["response_status"]?.intValue ?? 0 }
        var id: String { text("path").split(separator: "/").last.map { String($0) } ?? "" }
        func header(_ name: String) -> String? {
            value["headers"]?.objectValue?.first { $0.key.lowercased() == name }?.value.stringValue
        }
        var parameters: [String: String] {
            var parameters: [String: String] = [:]
            for item in text("query").split(separator: "&") {
                let parts = item.split(separator: "=").map { String($0) }
                if parts.count == 2 { parameters[parts[0]] = parts[1] }
            }
            return parameters
        }
    }

    private static let location = ResourceLocation(tenant: "default_tenant", deployment: "dep1", blueprint: "bp1")

    static let calls: [String: Call] = [
        "execution": { client, fixture async throws in _ = try await client.execution(fixture.id) },
        "execution_bypassing_maintenance": { client, fixture async throws in _ = try await client.execution(fixture.id)
        },
        "operation": { client, fixture async throws in #expect(try await client.operation(fixture.id)?.state == "sent")
        },
        "operation_without_record": { client, fixture async throws in
            #expect(try await client.operation(fixture.id) == nil)
        },
        "operation_started": { client, fixture async throws in
            try await client.setOperationState("started", of: fixture.id)
        },
        "operation_response_sent": { client, fixture async throws in
            try await client.setOperationState("response-sent", of: fixture.id)
        },
        "node_for_instance": { client, fixture async throws in
            let node = try await client.node(
                fixture.parameters["id"] ?? "", deployment: fixture.parameters["deployment_id"] ?? "",
                instance: fixture.parameters["_instance_context"])
            #expect(node.id == fixture.parameters["id"] && !node.typeHierarchy.isEmpty)
        },
        "node_without_instance": { client, fixture async throws in
            _ = try await client.node(
                fixture.parameters["id"] ?? "", deployment: fixture.parameters["deployment_id"] ?? "")
        },
        "node_instance": { client, fixture async throws in
            #expect(try await client.nodeInstance(fixture.id).id == fixture.id)
        },
        "store_properties": { client, fixture async throws in
            let stored = try await client.storeRuntimeProperties(
                fixture.body["runtime_properties"]?.objectValue ?? [:], of: fixture.id,
                version: fixture.body["version"]?.intValue ?? 0, state: fixture.body["state"]?.stringValue)
            #expect(stored.version == (fixture.body["version"]?.intValue ?? 0) + 1)
        },
        "evaluate_functions": { client, fixture async throws in
            let payload = try await client.evaluateFunctions(
                in: fixture.body["payload"]?.objectValue ?? [:],
                for: .node(instance: fixture.body.value(at: "context.self")?.stringValue ?? ""), deployment: "dep1")
            #expect(payload["text"] == "hello")
        },
        "blueprint": { client, fixture async throws in
            #expect(try await client.blueprint(fixture.id).visibility == "tenant")
        },
        "tenant": { client, fixture async throws in
            #expect(try await client.tenant(fixture.id)["name"] == .string(fixture.id))
        },
        "provider_context": { client, _ async throws in #expect(try await client.providerContext()["cloudify"] != nil)
        },
        "config": { client, _ async throws in
            #expect(try await client.config(scope: "workflow").first?["name"] == "task_retries")
        },
        "log": { client, fixture async throws in try await post(fixture, client) },
        "event": { client, fixture async throws in try await post(fixture, client) },
        "plugins": { client, fixture async throws in
            let plugins = try await client.plugins(packageName: "nosuch", packageVersion: "1.0")
            #expect(plugins.isEmpty)
        },
        "plugin_state": { client, fixture async throws in try await client.setPluginState("uninstalled", of: fixture.id)
        },
        "resource_in_deployment": { client, _ async throws in
            _ = try? await client.resource(
                "scripts/res.txt",
                of: ResourceLocation(tenant: "default_tenant", deployment: "dep1", blueprint: nil))
        },
        "resource_in_blueprint": { client, fixture async throws in
            let blueprint = ResourceLocation(tenant: "default_tenant", deployment: nil, blueprint: "bp1")
            #expect(try await client.resource("scripts/res.txt", of: blueprint) == Array("resource body\n".utf8))
        },
        "resource_by_path": { client, _ async throws in
            let nowhere = ResourceLocation(tenant: "default_tenant", deployment: nil, blueprint: nil)
            let error = await failure { () throws(ManagerError) in try await client.resource("nope.txt", of: nowhere) }
            #expect(error?.message == "404 (nope.txt) : Resource not found: nope.txt")
        },
        "workdir_archive": { client, _ async throws in
            try await withDirectory { directory async throws in
                _ = try await client.downloadWorkdirArchive(
                    of: "dep1", tenant: "default_tenant", to: directory + "/a.tar", limit: 1 << 20)
            }
        },
        "workdir_upload": { client, fixture async throws in
            try await withDirectory { directory async throws in
                try "new file".write(toFile: directory + "/file", atomically: false, encoding: .utf8)
                try await client.uploadWorkdirFile(
                    directory + "/file", as: "sub/new.txt", modified: "2026-11-21T00:12:16.101998+00:00", to: "dep1",
                    tenant: "default_tenant")
            }
        },
    ]

    private static func post(_ fixture: Fixture, _ client: ManagerClient) async throws {
        try await client.post(
            events: (fixture.body["events"]?.arrayValue ?? []).map { $0.json },
            logs: (fixture.body["logs"]?.arrayValue ?? []).map { $0.json },
            executionID: fixture.body["execution_id"]?.stringValue)
    }

    @Test("A request has the method, path, query, headers and body that were recorded", arguments: calls.keys.sorted())
    func isAsRecorded(_ name: String) async throws {
        let fixture = try Fixture(name)
        let token: ManagerCredentials.Token? =
            if let token = fixture.header("execution-token") {
                .execution(token)
            } else {
                fixture.header("authentication-token").map { .authentication($0) }
            }
        let credentials = ManagerCredentials(
            token: token, tenant: fixture.header("tenant") ?? "default_tenant",
            bypassesMaintenance: fixture.header("x-bypass-maintenance") != nil)
        let sender = ManagerSender(
            agentName: fixture.body["agent_name"]?.stringValue ?? fixture.body["agent"]?.stringValue,
            managerName: fixture.body["manager_name"]?.stringValue)
        let call = try #require(Self.calls[name])
        try await withManager(credentials: credentials, sender: sender) { manager, client async throws in
            manager.change { $0.blueprints["bp1"] = ["id": "bp1", "visibility": "tenant"] }
            let path = fixture.text("path")
            if fixture.status == 404 {
                manager.inject(.status(404, code: "not_found_error"), path: path)
            } else {
                let answer = fixture.value["response_body"] ?? nil
                manager.inject(.body(answer.stringValue ?? answer.jsonString), path: path)
            }
            try await call(client, fixture)
            let request = try #require(manager.requests.first { $0.path == path })
            #expect(request.method == fixture.text("method"))
            #expect(request.query == fixture.text("query"))
            for header in ["execution-token", "authentication-token", "tenant", "x-bypass-maintenance"] {
                #expect(request.header(header) == fixture.header(header), "\(header)")
            }
            try Self.compareBody(request, fixture)
        }
    }

    private static func compareBody(_ request: RecordedRequest, _ fixture: Fixture) throws {
        let type = fixture.header("content-type")
        guard let form = fixture.body.stringValue, let type else {
            #expect(request.header("content-type") == type)
            if fixture.body.isNull { #expect(request.body.isEmpty) } else { #expect(request.json == fixture.body) }
            return
        }
        // The boundary is chosen by chance; everything else is the same, byte by byte.
        let recorded = try #require(type.split(separator: "=").last)
        let chosen = try #require(request.header("content-type")?.split(separator: "=").last)
        #expect(request.header("content-type") == type.replacing(recorded, with: chosen))
        #expect(String(decoding: request.body, as: UTF8.self) == form.replacing(recorded, with: chosen))
        #expect(request.header("content-length") == String(request.body.count))
    }

    @Test("Rows of the protocol that were not recorded are sent as it says")
    func unrecordedRows() async throws {
        try await withManager { manager, client async throws in
            manager.change { store in
                store.managers = [["hostname": "m1"]]
                store.brokers = [["name": "b1"]]
                store.secrets["a/b c"] = "hidden"
                store.agents["host_agent1"] = ["name": "host_agent1"]
                store.config = [["name": "task_retries", "scope": "workflow", "value": 60]]
                store.addInstance("app_1", node: "app")
                store.files["deployments/default_tenant/dep1/a.txt"] = StoredFile("a")
            }
            #expect(try await client.managers().first?["hostname"] == "m1")
            #expect(try await client.brokers().first?["name"] == "b1")
            #expect(try await client.secret("a/b c") == "hidden")
            #expect(try await client.agent("host_agent1")["name"] == "host_agent1")
            try await client.updateAgent("host_agent1", ["version": "7.0", "state": "started"])
            #expect(try await client.config(name: "task_retries", scope: "workflow")["value"] == 60)
            _ = try await client.storeRuntimeProperties([:], of: "app_1", version: 0, state: nil, force: true)
            _ = try await client.workdirIndex(of: "dep1", tenant: "default_tenant")
            try await client.deleteWorkdirFile("a.txt", of: "dep1", tenant: "default_tenant")
            let lines = manager.requests.map { "\($0.method) \($0.path)\($0.query.isEmpty ? "" : "?" + $0.query)" }
            #expect(
                lines == [
                    "GET /api/v3.1/managers", "GET /api/v3.1/brokers", "GET /api/v3.1/secrets/a%2Fb%20c",
                    "GET /api/v3.1/agents/host_agent1", "PATCH /api/v3.1/agents/host_agent1",
                    "GET /api/v3.1/config/workflow.task_retries", "PATCH /api/v3.1/node-instances/app_1?force=True",
                    "GET /resources/deployments/default_tenant/dep1/",
                    "DELETE /resources/deployments/default_tenant/dep1/a.txt",
                ])
            #expect(manager.store.agents["host_agent1"]?["version"] == "7.0")
            #expect(manager.store.files.isEmpty)
        }
    }
}
