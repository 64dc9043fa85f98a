import FoundationEssentials
import Operative
import OperativeTestKit
import Testing

@Suite("The manager's side of a test")
struct ManagerSideTests {
    private func environment() -> OperationEnvironment {
        var host = TestInstance(node: "host", properties: ["ip": "10.0.0.1"])
        host.typeHierarchy = ["cloudify.nodes.Root", "cloudify.nodes.Compute"]
        host.host = host.id
        var app = TestInstance(
            node: "app", properties: ["port": 80],
            relationships: [TestRelationship("on", to: host, typeHierarchy: ["base", "on"])])
        app.host = host.id
        app.scalingGroups = ["group_1": "group"]
        app.drift = ["port": 81]
        var manager = TestManager()
        manager.resources = [
            "a/plain.txt": "plain", "a/b/other.txt": "other",
            "hello.txt":
                "hello {{ who }} from {{ ctx.instance.id }} prop {{ ctx.node.properties }} on {{ ctx.instance.host_ip }} {% for r in ctx.instance.relationships %}{{ r.type }} {{ r.target.node.name }}{% endfor %}\n",
        ]
        manager.configuration = ["task_retries": 60, "task_retry_interval": 15]
        manager.bootstrapContext = [
            "resources_prefix": "p", "cloudify_agent": ["user": "centos", "broker_pass": "s3cret"],
        ]
        manager.providerContext = ["region": "x"]
        manager.tenant = ["rabbitmq_password": "s3cret"]
        manager.executions = ["other": .cancelled]
        return OperationEnvironment(app, others: [host], manager: manager)
    }

    private func message<Result>(_ body: () async throws -> Result) async -> String? {
        do {
            _ = try await body()
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test("nodes, instances and relationships are there")
    func nodes() async throws {
        let ctx = environment().context()
        #expect(try await ctx.instance.hostIP == "10.0.0.1")
        #expect(try await ctx.instance.relationships.first?.typeHierarchy == ["base", "on"])
        #expect(try await ctx.instance.relationships.first?.target.node.type == "cloudify.nodes.Compute")
        #expect(try await ctx.instance.scalingGroups.map(\.name) == ["group"])
        #expect(try await ctx.instance.drift == ["port": 81])
        #expect(try await ctx.node.numberOfInstances == 1)
        #expect(try await ctx.instance.index == 1)
        #expect(try await ctx.capabilities.all == ["host_1": [:]])
    }

    @Test("the manager's records are there")
    func records() async throws {
        let environment = environment()
        let ctx = environment.context()
        #expect(try await ctx.getConfig(name: "task_retries").map(\.value) == [60])
        #expect(try await ctx.getConfig(scope: "workflow").count == 2)
        #expect(try await ctx.getConfig(scope: "rest").isEmpty)
        #expect(try await ctx.getManagers().map(\.hostname) == ["localhost"])
        #expect(try await ctx.getManagers(network: "other").isEmpty)
        #expect(try await ctx.getBrokers().map(\.host) == ["localhost"])
        #expect(try await ctx.getExecution().status == .started)
        #expect(try await ctx.getExecution("other").status == .cancelled)
        #expect(try await ctx.providerContext == ["region": "x"])
        #expect(try await ctx.bootstrapContext.resourcesPrefix == "p")
        #expect(try await ctx.bootstrapContext.agent.user == "centos")
        let broker = try await ctx.bootstrapContext.broker
        #expect(broker.password == "s3cret" && broker.username == "guest" && broker.virtualHost == "/")
        #expect(try await ctx.getTenant().name == "default_tenant")
        try await ctx.updateOperation(state: .responseSent)
        #expect(try await ctx.getOperation()?.state == .responseSent)
        #expect(environment.operationState == .responseSent)
    }

    @Test("records that hold passwords do not print them")
    func secrets() async throws {
        let ctx = environment().context()
        let texts = [
            "\(try await ctx.getTenant())", "\(try await ctx.bootstrapContext)",
            "\(try await ctx.bootstrapContext.agent)", "\(try await ctx.bootstrapContext.broker)",
        ]
        for text in texts { #expect(!text.contains("s3cret")) }
        #expect(try await ctx.bootstrapContext.agent.brokerPassword == "s3cret")
    }

    @Test("a resource is its content, and one that is not there an error with a code")
    func resources() async throws {
        let ctx = environment().context()
        #expect(try await ctx.getResource("a/plain.txt") == Array("plain".utf8))
        let error = await #expect(throws: ResourceError.self) { try await ctx.getResource("nope.txt") }
        #expect(error?.code == .notFound)
    }

    @Test("a template sees its variables and ctx; a variable called ctx is refused")
    func rendering() async throws {
        let ctx = environment().context()
        #expect(
            try await ctx.getResourceAndRender("hello.txt", variables: ["who": "me"])
                == "hello me from app_1 prop {'port': 80} on 10.0.0.1 on host")
        #expect(try await ctx.getResourceAndRender("a/plain.txt") == "plain")
        #expect(
            await message { try await ctx.getResourceAndRender("hello.txt", variables: ["ctx": 1]) }
                == "Key not allowed - a key named ctx is in template_variables")
    }

    @Test("downloads are files, and are logged")
    func downloads() async throws {
        let environment = environment()
        let ctx = environment.context()
        func read(_ path: String) throws -> String { try String(contentsOf: URL(filePath: path), encoding: .utf8) }
        let plain = try await ctx.downloadResource("a/plain.txt")
        #expect(try read(plain) == "plain" && plain.hasSuffix("/plain.txt"))
        let rendered = try await ctx.downloadResourceAndRender("hello.txt", variables: ["who": "you"])
        #expect(try read(rendered).hasPrefix("hello you from app_1"))
        let directory = try await ctx.downloadDirectory("a")
        #expect(try read(directory + "/plain.txt") == "plain")
        #expect(try read(directory + "/b/other.txt") == "other")
        #expect(environment.logs.map(\.message).first == "Downloaded a/plain.txt to \(plain)")
        let chosen = directory + "/chosen"
        #expect(try await ctx.downloadResource("a/plain.txt", to: chosen) == chosen)
        #expect(try read(chosen) == "plain")
    }

    @Test("files can be uploaded to the deployment and deleted there")
    func deploymentFiles() async throws {
        struct OwnError: Error {}
        let environment = environment()
        let ctx = environment.context()
        let file = try await ctx.downloadResource("a/plain.txt")
        try await ctx.uploadDeploymentFile("x/y.txt", from: file)
        #expect(environment.deploymentFiles == ["x/y.txt": Array("plain".utf8)])
        try await ctx.deleteDeploymentFile("x/y.txt")
        #expect(environment.deploymentFiles.isEmpty)
        #expect(try await ctx.localDeploymentWorkdir == ctx.localDeploymentWorkdir)
        #expect(try await ctx.pluginWorkdir != nil)
        #expect(try await ctx.pluginPrefix == nil)
        #expect(try await ctx.syncDeploymentWorkdir { 7 } == 7)
        await #expect(throws: OwnError.self) { try await ctx.syncDeploymentWorkdir { throw OwnError() } }
    }

    @Test("conflicts can be arranged, and are counted")
    func conflicts() async throws {
        let environment = environment()
        environment.interfere(with: "app_1", times: 2) { $0["theirs"] = .integer(($0["theirs"]?.intValue ?? 0) + 1) }
        let result = await environment.run(
            Operation("merge") { ctx in
                try await ctx.instance.modifyRuntimeProperties { $0["mine"] = 1 }
                try await ctx.instance.update(onConflict: .simpleMerge)
            })
        #expect(result.value == .null)
        #expect(environment.runtimeProperties == ["mine": 1, "theirs": 2])
        #expect(environment.conflicts == 2)
    }

    @Test("what the test has not been given is an error that says so")
    func missing() async {
        let ctx = environment().context()
        #expect(await message { try await ctx.getExecution("unknown") }?.contains("has no execution 'unknown'") == true)
    }
}
