import ManagerClient
import ManagerTestServer
import Operative
import Testing

@Suite("A manager that is away", .timeLimit(.minutes(3)))
struct OutageTests {
    @Test("Calls under way when the manager goes down for ten seconds succeed when it is back")
    func outage() async throws {
        let manager = try await TestManager()
        manager.change { $0.executions["e1"] = ["id": "e1", "status": "started"] }
        await manager.goDown()
        let time = VirtualTime()
        let clock = time.clock { _ in
            // Ten seconds have gone by for whoever waits.
            if time.now >= .seconds(10) { try? await manager.comeBack() }
        }
        try await withPool(limits { $0.time = clock }) { pool async throws in
            let address = try ManagerAddress(scheme: .http, hosts: ["127.0.0.1"], port: manager.port)
            let client = pool.client(for: address, credentials: ManagerCredentials(token: nil, tenant: "t"))
            #expect(try await client.execution("e1").status == "started")
        }
        #expect(time.pauses.prefix(3) == [.seconds(1), .seconds(1.5), .seconds(2.25)])
        await manager.goDown()
    }

    @Test("A request goes to the next host, and later ones begin there")
    func failover() async throws {
        let first = try await TestManager()
        await first.goDown()
        let second = try await TestManager()
        second.change { $0.executions["e1"] = ["id": "e1", "status": "started"] }
        let time = VirtualTime()
        // Two hosts on one port: 127.0.0.2 has nobody behind it.
        try await withPool(limits { $0.time = time.clock() }) { pool async throws in
            let address = try ManagerAddress(scheme: .http, hosts: ["127.0.0.2", "127.0.0.1"], port: second.port)
            let client = pool.client(for: address, credentials: ManagerCredentials(token: nil, tenant: "t"))
            for _ in 0..<5 { _ = try await client.execution("e1") }
        }
        #expect(time.pauses == [.seconds(1)])
        #expect(second.requests.count == 5)
        await second.goDown()
    }

    @Test("An update whose answer was lost is not taken for somebody else's")
    func lostAnswer() async throws {
        try await withManager { manager, client async throws in
            manager.change { $0.addInstance("app_1", node: "app") }
            manager.inject(.loseAnswer, method: "PATCH")
            let stored = try await client.storeRuntimeProperties(
                ["a": 1], of: "app_1", version: 1, state: "creating")
            #expect(stored.version == 2)
            #expect(manager.store.instances["app_1"]?["runtime_properties"] == ["a": 1])
            // The same, but somebody else was there first.
            manager.inject(.loseAnswer, method: "PATCH")
            let error = await failure { () throws(ManagerError) in
                try await client.storeRuntimeProperties(["a": 2], of: "app_1", version: 1, state: nil)
            }
            #expect(error?.reason == .conflict && error?.errorCode == "conflict_error")
            #expect(manager.store.instances["app_1"]?["runtime_properties"] == ["a": 1])
        }
    }

    @Test("Events whose answer was lost are not sent twice; before they left, they are sent again")
    func events() async throws {
        let time = VirtualTime()
        try await withManager(limits { $0.time = time.clock() }) { manager, client async throws in
            manager.inject(.loseAnswer, path: "/events")
            let event = PropertyValue.object(["event_type": "plugin_event"]).json
            let error = await failure { () throws(ManagerError) in
                try await client.post(events: [event], logs: [], executionID: "e1")
            }
            #expect(error?.isOutage == true)
            #expect(manager.store.events.count == 1)
        }
    }

    @Test("Answers with 500 and 503 are asked for again, with 404 and 401 not")
    func statuses() async throws {
        let time = VirtualTime()
        try await withManager(limits { $0.time = time.clock() }) { manager, client async throws in
            manager.change { $0.executions["e1"] = ["id": "e1", "status": "started"] }
            manager.inject(.status(500))
            manager.inject(.status(503, code: "maintenance_mode_active"))
            let execution = try await client.execution("e1")
            #expect(execution.status == "started")
            #expect(manager.requests.count == 3)

            manager.inject(.status(401, code: "unauthorized_error"))
            let refused = await failure { () throws(ManagerError) in try await client.execution("e1") }
            #expect(refused?.isTokenRefused == true)
            #expect(await failure { () throws(ManagerError) in try await client.execution("e2") }?.reason == .notFound)
            #expect(manager.requests.count == 5)

            manager.inject(.status(500), times: 100)
            let broken = await failure { () throws(ManagerError) in try await client.execution("e1") }
            #expect(broken?.reason == .serverError && broken?.isOutage == true)
        }
    }

    @Test("A task that is cancelled while it waits for the manager ends at once")
    func cancellation() async throws {
        let manager = try await TestManager()
        await manager.goDown()
        try await withPool { pool async throws in
            let address = try ManagerAddress(scheme: .http, hosts: ["127.0.0.1"], port: manager.port)
            let client = pool.client(for: address, credentials: ManagerCredentials(token: nil, tenant: "t"))
            let task = Task { await failure { () throws(ManagerError) in try await client.execution("e1") } }
            task.cancel()
            #expect(await task.value?.reason == .cancelled)
        }
    }

    @Test("Parallel updates of one instance that merge after a conflict lose nothing")
    func conflicts() async throws {
        try await withManager { manager, client async throws in
            manager.change { $0.addInstance("app_1", node: "app") }
            let updates = 5
            let operations = 20
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<operations {
                    group.addTask { try await Self.count(updates, as: "op\(number)", client) }
                }
                var conflicts = 0
                for try await count in group { conflicts += count }
                #expect(conflicts == manager.store.conflicts)
            }
            let properties = manager.store.instances["app_1"]?["runtime_properties"]?.objectValue ?? [:]
            #expect(properties.count == operations)
            #expect(properties.values.allSatisfy { $0 == .integer(updates) })
            #expect(manager.store.instances["app_1"]?["version"] == .integer(1 + operations * updates))
        }
    }

    /// Counts up in one property, update by update; hands over how many conflicts there were.
    private static func count(_ updates: Int, as name: String, _ client: ManagerClient) async throws -> Int {
        var conflicts = 0
        var current = try await client.nodeInstance("app_1")
        for _ in 0..<updates {
            while true {
                var properties = current.runtimeProperties
                properties[name] = .integer((properties[name]?.intValue ?? 0) + 1)
                do throws(ManagerError) {
                    current = try await client.storeRuntimeProperties(
                        properties, of: "app_1", version: current.version, state: current.state)
                    break
                } catch {
                    guard error.reason == .conflict else { throw error }
                    conflicts += 1
                    current = try await client.nodeInstance("app_1")
                }
            }
        }
        return conflicts
    }
}
