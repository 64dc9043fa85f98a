import Operative
import Synchronization
import Testing

/// A small deployment: an application on a machine, connected to a database.
func makeDeployment() -> TestBackend {
    let backend = TestBackend()
    backend.state.withLock { state in
        state.nodes["app"] = NodeRecord(
            id: "app", properties: ["port": 80], type: "App", typeHierarchy: ["cloudify.nodes.Root", "App"],
            numberOfInstances: 2,
            relationships: [
                .init(type: "on", typeHierarchy: ["base", "on"]), .init(type: "uses", typeHierarchy: ["base", "uses"]),
            ])
        state.nodes["host"] = NodeRecord(
            id: "host", properties: ["ip": "10.0.0.1"], type: "cloudify.nodes.Compute",
            typeHierarchy: ["cloudify.nodes.Root", "cloudify.nodes.Compute"], numberOfInstances: 1)
        state.nodes["db"] = NodeRecord(id: "db", properties: ["size": 1], type: "DB", typeHierarchy: ["DB"])
        state.instances["app_1"] = NodeInstanceRecord(
            id: "app_1", nodeID: "app", version: 3, runtimeProperties: ["a": 1],
            systemProperties: ["configuration_drift": ["ok": true, "result": ["port": 81]]], state: "started",
            hostID: "host_1", index: 2,
            relationships: [
                .init(type: "on", target: NodeReference(nodeID: "host", instanceID: "host_1")),
                .init(type: "uses", target: NodeReference(nodeID: "db", instanceID: "db_1")),
            ],
            scalingGroups: [ScalingGroup(id: "group_1", name: "group")])
        state.instances["host_1"] = NodeInstanceRecord(
            id: "host_1", nodeID: "host", version: 1,
            runtimeProperties: ["cloudify_agent": ["name": "agent1"], "both": 1],
            hostID: "host_1", index: 1, relationships: [], scalingGroups: [])
        state.instances["db_1"] = NodeInstanceRecord(
            id: "db_1", nodeID: "db", version: 1, runtimeProperties: ["url": "db://", "both": 2],
            systemProperties: ["configuration_drift": ["ok": false, "result": "x"]], index: 1, relationships: [])
    }
    return backend
}

let appNode = NodeReference(nodeID: "app", instanceID: "app_1")
let hostNode = NodeReference(nodeID: "host", instanceID: "host_1")
let databaseNode = NodeReference(nodeID: "db", instanceID: "db_1")

@Suite("Nodes and instances")
struct NodeTests {
    let backend = makeDeployment()
    var ctx: OperationContext { makeContext(backend, subject: .nodeInstance(appNode)) }

    @Test("a node is fetched once, for its instance, with everything about it")
    func node() async throws {
        let ctx = ctx
        #expect(try ctx.node.id == "app" && ctx.node.name == "app")
        #expect(backend.requests.isEmpty)
        #expect(try await ctx.node.properties == ["port": 80])
        #expect(try await ctx.node.type == "App")
        #expect(try await ctx.node.typeHierarchy == ["cloudify.nodes.Root", "App"])
        #expect(try await ctx.node.numberOfInstances == 2)
        #expect(try await ctx.instance.node.type == "App")
        #expect(backend.requests == ["node app for app_1"])
    }

    @Test("an instance is fetched once, with everything about it")
    func instance() async throws {
        let ctx = ctx
        #expect(try ctx.instance.id == "app_1")
        #expect(try await ctx.instance.index == 2)
        #expect(try await ctx.instance.scalingGroups == [ScalingGroup(id: "group_1", name: "group")])
        #expect(try await ctx.instance.runtimeProperties == ["a": 1])
        #expect(try await ctx.instance.drift == ["port": 81])
        #expect(try await ctx.instance.relationships.count == 2)
        #expect(backend.requests == ["instance app_1"])
    }

    @Test("drift is nil after a check that failed, and without one")
    func drift() async throws {
        #expect(try await makeContext(backend, subject: .nodeInstance(databaseNode)).instance.drift == nil)
        #expect(try await makeContext(backend, subject: .nodeInstance(hostNode)).instance.drift == nil)
    }

    @Test("relationships lead to nodes and instances that can be read, not changed")
    func relationships() async throws {
        let ctx = ctx
        let relationships = try await ctx.instance.relationships
        #expect(relationships.map(\.type) == ["on", "uses"])
        #expect(try await relationships[0].typeHierarchy == ["base", "on"])
        let target = relationships[1].target
        #expect(target.node.name == "db" && target.instance.id == "db_1")
        #expect(try await target.node.properties == ["size": 1])
        #expect(try await target.instance.runtimeProperties["url"] == "db://")
        #expect(backend.requests == ["instance app_1", "node app for app_1", "node db for db_1", "instance db_1"])
        let error = await #expect(throws: NonRecoverableError.self) {
            try await target.instance.modifyRuntimeProperties { $0["x"] = 1 }
        }
        #expect(error?.message == "Cannot modify runtime properties of relationship node instances")
        try await target.instance.update()
        #expect(backend.stores.isEmpty)
    }

    @Test("the host's address is its instance's, else its node's; the node is asked about on nobody's behalf")
    func hostIP() async throws {
        let ctx = ctx
        #expect(try await ctx.instance.hostIP == "10.0.0.1")
        #expect(try await ctx.instance.hostIP == "10.0.0.1")
        #expect(backend.requests == ["instance app_1", "instance host_1", "node host for nobody"])
        backend.interfere(with: "host_1") { $0["ip"] = "10.0.0.2" }
        #expect(try await self.ctx.instance.hostIP == "10.0.0.2")
        let own = makeContext(backend, subject: .nodeInstance(hostNode))
        try await own.instance.modifyRuntimeProperties { $0["ip"] = "10.0.0.3" }
        #expect(try await own.instance.hostIP == "10.0.0.3")
    }

    @Test("an instance on no machine, or on one without an address, has no host address")
    func noHostIP() async throws {
        let database = makeContext(backend, subject: .nodeInstance(databaseNode))
        #expect(await message { try await database.instance.hostIP } == "host_id missing")
        backend.state.withLock { $0.nodes["host"]?.properties = [:] }
        #expect(await message { try await ctx.instance.hostIP } == "could not find ip for host node instance: host_1")
    }

    @Test("capabilities are what the targets of the relationships offer")
    func capabilities() async throws {
        let capabilities = try ctx.capabilities
        #expect(try await capabilities.all.keys.sorted() == ["db_1", "host_1"])
        #expect(try await capabilities["url"] == "db://")
        #expect(try await capabilities.contains("url"))
        #expect(try await !capabilities.contains("nothing"))
        #expect(
            await message { try await capabilities["nothing"] }?.hasPrefix("capability 'nothing' not found") == true)
        #expect(await message { try await capabilities["both"] }?.hasPrefix("'both' capability ambiguity") == true)
        #expect(await message { try await capabilities.contains("both") } != nil)
    }

    @Test("in a relationship operation the capabilities are those of the end it runs on")
    func capabilitiesOfSide() async throws {
        for (side, expected) in [(RelationshipSide.source, ["db_1", "host_1"]), (.target, [])] {
            let ctx = makeContext(backend, subject: .relationship(source: appNode, target: databaseNode)) {
                $0.relationshipSide = side
            }
            #expect(ctx.operation.relationshipSide == side)
            #expect(try await ctx.capabilities.all.keys.sorted() == expected)
        }
        let deployment = makeContext(backend, subject: .deployment)
        #expect(
            await message { try deployment.capabilities }
                == "capabilities can only be used in a node-instance/relationship-instance context but used in a deployment context."
        )
    }

    @Test("agent facts are for compute nodes")
    func agent() async throws {
        let host = makeContext(backend, subject: .nodeInstance(hostNode))
        #expect(try await host.agent.name == "agent1")
        #expect(
            await message { try await ctx.agent }
                == "ctx.agent can only be used with compute nodes but current node is of type: App")
    }

    @Test("what nobody knows is an error that says so, not an empty value")
    func unknown() async {
        let backend = TestBackend(["web_1": [:]])
        let ctx = makeContext(backend)
        for text in [
            await message { try await ctx.node.type }, await message { try await ctx.node.typeHierarchy },
            await message { try await ctx.node.numberOfInstances }, await message { try await ctx.instance.index },
            await message { try await ctx.instance.relationships },
            await message { try await ctx.instance.scalingGroups },
        ] {
            #expect(text?.contains("is not known: it needs a manager, or a task that brings it") == true)
        }
    }

    @Test("the shapes of the manager's API are read")
    func shapes() throws {
        let node = NodeRecord(
            id: "x",
            fields: [
                "id": "app", "type": "App", "type_hierarchy": ["Root", "App"], "number_of_instances": 3,
                "properties": ["a": 1],
                "relationships": [["type": "r", "type_hierarchy": ["b", "r"]], ["type": "s"], 1],
            ])
        #expect(
            node
                == NodeRecord(
                    id: "app", properties: ["a": 1], type: "App", typeHierarchy: ["Root", "App"], numberOfInstances: 3,
                    relationships: [
                        .init(type: "r", typeHierarchy: ["b", "r"]), .init(type: "s", typeHierarchy: ["s"]),
                    ]))
        let instance = NodeInstanceRecord(
            id: "x",
            fields: [
                "id": "app_1", "node_id": "app", "version": 7, "state": "started", "host_id": "h", "index": 1,
                "runtime_properties": ["r": 1], "system_properties": ["s": 2],
                "relationships": [["type": "t", "target_name": "db", "target_id": "db_1"], ["type": "broken"]],
                "scaling_groups": [["id": "g_1", "name": "g"], [:]],
            ])
        #expect(instance.version == 7 && instance.state == "started" && instance.hostID == "h")
        #expect(instance.relationships == [.init(type: "t", target: NodeReference(nodeID: "db", instanceID: "db_1"))])
        #expect(instance.scalingGroups == [ScalingGroup(id: "g_1", name: "g")])
    }
}

/// The text of the error that `body` throws; nil when it throws none.
func message<Result>(_ body: () async throws -> Result) async -> String? {
    do {
        _ = try await body()
        return nil
    } catch {
        return "\(error)"
    }
}
