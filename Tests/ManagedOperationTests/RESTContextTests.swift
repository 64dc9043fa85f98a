import Foundation
import ManagerTestServer
import Operative
import Testing

/// What an operation asks its manager for by way of `ctx`, from the operation to the manager's REST service and back.
@Suite("The context over REST", .timeLimit(.minutes(3)))
struct RESTContextTests {
    private static let rest = "deployments/default_tenant/dep1"

    /// Runs an operation that answers with what it found.
    private func run(
        _ prepare: @escaping @Sendable (inout ManagerStore) -> Void,
        _ body: @escaping @Sendable (OperationContext) async throws -> [String: PropertyValue],
        _ check: (ManagedAgent, PropertyValue) throws -> Void
    ) async throws {
        let operation = Operative.Operation("test.run") { ctx in try await body(ctx) }
        try await ManagedAgent.run([operation], synchronizes: true) { agent in
            agent.server.know(ManagedTask())
            agent.server.change { store in
                store.addNode("app")
                prepare(&store)
            }
            _ = await agent.send(ManagedTask().body).settled()
            let answer = try #require(agent.answers.last)
            #expect(answer["ok"] == true, "\(answer.jsonString)")
            try check(agent, answer["result"] ?? nil)
        }
    }

    @Test(
        "Settings, managers, brokers, tenant, provider and bootstrap context are the manager's, and each is asked for once or as often as it is wanted"
    )
    func records() async throws {
        try await run { store in
            store.config = [
                ["name": "task_retries", "value": 60, "scope": ["workflow"]],
                ["name": "port", "value": 53333, "scope": ["rest"]],
            ]
            store.managers = [
                ["hostname": "m1", "networks": ["default": "10.0.0.1"]], ["hostname": "m2", "networks": [:]],
            ]
            store.brokers = [["name": "b1", "host": "10.0.0.2", "port": 5671, "networks": ["default": "10.0.0.2"]]]
            store.tenants["default_tenant"] = ["name": "default_tenant", "rabbitmq_vhost": "v"]
            store.providerContext = [
                "cloudify": ["resources_prefix": "p", "cloudify_agent": ["broker_ip": "10.0.0.2", "broker_user": "u"]]
            ]
        } _: { ctx in
            let bootstrap = try await ctx.bootstrapContext
            return [
                "config": .array(try await ctx.getConfig(scope: "workflow").map { .string($0.name) }),
                "setting": try await ctx.getConfig(name: "port").first?.value ?? nil,
                "managers": .array(try await ctx.getManagers().map { .string($0.hostname ?? "") }),
                "brokers": .array(try await ctx.getBrokers().map { .string($0.host ?? "") }),
                "tenant": .string(try await ctx.getTenant().brokerVirtualHost ?? ""),
                "again": .string(try await ctx.getTenant().name ?? ""),
                "prefix": .string(bootstrap.resourcesPrefix),
                "broker": .array([
                    .string(bootstrap.broker.address ?? ""), .string(bootstrap.broker.username),
                    .string(bootstrap.broker.virtualHost),
                ]),
                "provider": .bool(try await ctx.providerContext["cloudify"] != nil),
                "execution": .string(try await ctx.getExecution().status?.rawValue ?? ""),
                "operation": .string(try await ctx.getOperation()?.state?.rawValue ?? ""),
            ]
        } _: { agent, found in
            #expect(found["config"] == ["task_retries"])
            #expect(found["setting"] == 53333)
            #expect(found["managers"] == ["m1"])
            #expect(found["brokers"] == ["10.0.0.2"])
            #expect(found["tenant"] == "v" && found["again"] == "default_tenant")
            #expect(found["prefix"] == "p")
            #expect(found["broker"] == ["10.0.0.2", "u", "/"])
            #expect(found["provider"] == true)
            #expect(found["execution"] == "started" && found["operation"] == "started")
            #expect(agent.requests.count { $0 == "GET tenants/default_tenant" } == 1)
        }
    }

    @Test(
        "A setting and an execution that the manager does not have are errors that say so, and the operation can go on")
    func missing() async throws {
        try await run { store in
            store.blueprints["bp1"] = ["id": "bp1", "visibility": "tenant", "tenant_name": "default_tenant"]
        } _: { ctx in
            var found: [String: PropertyValue] = [:]
            do { _ = try await ctx.getConfig(name: "nothing") } catch { found["config"] = .string("\(error)") }
            do { _ = try await ctx.getExecution("nothing") } catch { found["execution"] = .string("\(error)") }
            do { _ = try await ctx.getResource("nothing") } catch let error as ResourceError {
                found["resource"] = .string("\(error.code)")
            }
            do { _ = try await ctx.getResource("../nothing") } catch let error as ResourceError {
                found["path"] = .string("\(error.code)")
            }
            return found
        } _: { agent, found in
            #expect(found["config"]?.stringValue?.contains("404") == true, "\(found)")
            #expect(found["execution"]?.stringValue?.contains("404") == true, "\(found)")
            #expect(found["resource"] == "notFound")
            #expect(found["path"] == "invalidPath")
            #expect(!agent.requests.contains { $0.contains("..") })
        }
    }

    @Test("Resources come as content, as files, rendered and as whole directories; nothing of them is left unfinished")
    func resources() async throws {
        try await run { store in
            store.blueprints["bp1"] = ["id": "bp1", "visibility": "tenant", "tenant_name": "default_tenant"]
            store.files["blueprints/default_tenant/bp1/a/b.txt"] = StoredFile("b of the blueprint")
            store.files["blueprints/default_tenant/bp1/a/c/d.txt"] = StoredFile("d")
            store.files["\(Self.rest)/a/b.txt"] = StoredFile("b of the deployment")
            store.files["blueprints/default_tenant/bp1/t.txt"] = StoredFile(
                "{{ who }} {{ ctx.instance.id }}{% for x in [1, 2, 3] %} {{ loop.cycle('odd', 'even') }}{% endfor %}")
        } _: { ctx in
            let file = try await ctx.downloadResource("a/c/d.txt")
            let rendered = try await ctx.downloadResourceAndRender("t.txt", variables: ["who": "you"])
            let directory = try await ctx.downloadDirectory("a")
            func read(_ path: String) throws -> PropertyValue {
                .string(try String(contentsOfFile: path, encoding: .utf8))
            }
            return [
                "content": .string(String(decoding: try await ctx.getResource("a/b.txt"), as: UTF8.self)),
                "file": try read(file), "rendered file": try read(rendered),
                "rendered": .string(try await ctx.getResourceAndRender("t.txt", variables: ["who": "me"])),
                "directory": .array(
                    try FileManager.default.subpathsOfDirectory(atPath: directory).sorted().map { .string($0) }),
                "b": try read(directory + "/b.txt"),
            ]
        } _: { _, found in
            #expect(found["content"] == "b of the deployment")
            #expect(found["file"] == "d")
            #expect(found["rendered"] == "me app_1 odd even odd")
            #expect(found["rendered file"] == "you app_1 odd even odd")
            #expect(found["directory"] == ["b.txt", "c", "c/d.txt"])
            #expect(found["b"] == "b of the deployment")
        }
    }

    @Test("Files of the deployment are uploaded with their own time or another, and deleted")
    func deploymentFiles() async throws {
        try await run { store in
            store.files["\(Self.rest)/old.txt"] = StoredFile("old")
        } _: { ctx in
            let file = NSTemporaryDirectory() + "upload-\(UUID().uuidString)"
            defer { try? FileManager.default.removeItem(atPath: file) }
            try "new".write(toFile: file, atomically: false, encoding: .utf8)
            try await ctx.uploadDeploymentFile("sub/own.txt", from: file)
            try await ctx.uploadDeploymentFile(
                "sub/other.txt", from: file, modified: .seconds(1_000_000_000) + .microseconds(5))
            try await ctx.uploadDeploymentFile("early.txt", from: file, modified: .milliseconds(-1_500))
            try await ctx.deleteDeploymentFile("old.txt")
            return [:]
        } _: { agent, _ in
            let files = agent.server.store.files
            #expect(files["\(Self.rest)/old.txt"] == nil)
            #expect(files["\(Self.rest)/sub/own.txt"]?.content == .bytes(Array("new".utf8)))
            #expect(files["\(Self.rest)/sub/own.txt"]?.modified.hasPrefix("20") == true)
            #expect(files["\(Self.rest)/sub/other.txt"]?.modified == "2001-09-09T01:46:40.000005+00:00")
            #expect(files["\(Self.rest)/early.txt"]?.modified == "1969-12-31T23:59:58.500000+00:00")
        }
    }
}
