import AgentProtocol
import Foundation
import Journal
import Logging
import Operative
import Synchronization
import Testing

@testable import OperativeAgent

@Suite("Without a manager")
struct LocalManagerTests {
    private struct Backend: OperationBackend {
        let manager: any ManagerAccess
        let isAnswered = false

        func render(_ template: String, variables: [String: TemplateValue]) async throws -> String { template }
        func sendEvent(_ message: String) {}
    }

    /// A state directory that is removed with the test.
    private final class Place: Sendable {
        let path = NSTemporaryDirectory() + "operative-local-\(UUID().uuidString)"
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    /// Counts the conflicts that an operation meets.
    private struct Counting: ManagerlessAccess {
        let local: any ManagerAccess
        let conflicts: Conflicts

        func node(_ id: String, instance: String?) async throws -> NodeRecord {
            try await local.node(id, instance: instance)
        }
        func nodeInstance(_ id: String) async throws -> NodeInstanceRecord { try await local.nodeInstance(id) }
        func storeRuntimeProperties(
            _ properties: [String: PropertyValue], of record: NodeInstanceRecord
        ) async throws -> NodeInstanceRecord {
            do {
                return try await local.storeRuntimeProperties(properties, of: record)
            } catch let conflict as UpdateConflict {
                conflicts.note()
                throw conflict
            }
        }
    }

    private final class Conflicts: Sendable {
        private let number = Mutex(0)
        var count: Int { number.withLock { $0 } }
        func note() { number.withLock { $0 += 1 } }
    }

    private let place = Place()
    private let manager: LocalManager

    init() throws {
        let directory = try StateDirectory(path: place.path)
        manager = LocalManager(
            store: LocalInstanceStore(try StateDatabase.open(in: directory)), directory: directory)
    }

    private func task(_ extra: [String: PropertyValue] = [:]) throws -> OperationTaskContext {
        var context: [String: PropertyValue] = [
            "type": "operation", "task_name": "test.run", "task_id": "t", "execution_id": "e", "deployment_id": "d",
            "node_id": "web_1",
            "node_name": "web", "host_id": "host_1", "tenant": ["name": "t"], "plugin": ["name": "test"],
        ]
        context.merge(extra) { _, new in new }
        let body: PropertyValue = ["id": "t", "cloudify_task": ["kwargs": ["__cloudify_context": .object(context)]]]
        return try TaskEnvelope(decoding: body.json).context()
    }

    private func context(_ task: OperationTaskContext, _ access: (any ManagerAccess)? = nil) -> OperationContext {
        OperationContext(
            taskName: task.taskName, operationName: nil, retryNumber: 0, maxRetries: -1, facts: { task.facts() },
            backend: Backend(manager: access ?? manager.access(for: task)),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test("A task can bring its node and instance as a manager would describe them")
    func brought() async throws {
        let ctx = context(
            try task([
                "node": [
                    "properties": ["port": 80], "type": "App", "type_hierarchy": ["Root", "App"],
                    "number_of_instances": 2,
                    "relationships": [["type": "on", "type_hierarchy": ["base", "on"]]],
                ],
                "instance": [
                    "runtime_properties": ["a": 1], "index": 2, "version": 7,
                    "relationships": [["type": "on", "target_name": "db", "target_id": "db_1"]],
                ],
            ]))
        #expect(try await ctx.node.type == "App")
        #expect(try await ctx.node.typeHierarchy == ["Root", "App"])
        #expect(try await ctx.node.properties == ["port": 80])
        #expect(try await ctx.instance.index == 2)
        #expect(try await ctx.instance.relationships.first?.typeHierarchy == ["base", "on"])
        try await ctx.instance.modifyRuntimeProperties { $0["b"] = 2 }
        try await ctx.instance.update()
        let later = context(try task())
        #expect(try await later.instance.runtimeProperties == ["a": 1, "b": 2])
        #expect(try await later.node.properties == [:])
    }

    @Test("What another operation of the deployment has stored can be read, and nothing else")
    func others() async throws {
        let database = context(try task(["node_id": "db_1", "node_name": "db"]))
        try await database.instance.modifyRuntimeProperties { $0["url"] = "db://" }
        try await database.instance.update()
        let related: [String: PropertyValue] = [
            "instance": [
                "relationships": [
                    ["type": "uses", "target_name": "db", "target_id": "db_1"],
                    ["type": "uses", "target_name": "cache", "target_id": "cache_1"],
                ]
            ]
        ]
        let targets = try await context(try task(related)).instance.relationships.map(\.target)
        #expect(try await targets[0].instance.runtimeProperties == ["url": "db://"])
        for refused in [
            await refusal { try await targets[1].instance.runtimeProperties },
            await refusal { try await targets[0].node.properties },
        ] {
            #expect(refused?.contains("needs a manager, and this operation has none. A task can bring") == true)
        }
    }

    @Test("What only a manager knows is refused with the reason")
    func refused() async throws {
        let ctx = context(try task())
        let messages = [
            await refusal { try await ctx.getExecution() }, await refusal { try await ctx.getOperation() },
            await refusal { try await ctx.updateOperation(state: .started) },
            await refusal { try await ctx.getConfig() },
            await refusal { try await ctx.getManagers() }, await refusal { try await ctx.getBrokers() },
            await refusal { try await ctx.getTenant() }, await refusal { try await ctx.providerContext },
            await refusal { try await ctx.bootstrapContext }, await refusal { try await ctx.getResource("x") },
            await refusal { try await ctx.downloadResource("x") },
            await refusal { try await ctx.downloadDirectory("x") },
            await refusal { try await ctx.localDeploymentWorkdir },
            await refusal { try await ctx.uploadDeploymentFile("x", from: "y") },
            await refusal { try await ctx.deleteDeploymentFile("x") },
        ]
        for message in messages { #expect(message?.contains("needs a manager, and this operation has none") == true) }
    }

    @Test("A plugin has a directory of its own, and no name leads out of it")
    func workdir() async throws {
        let path = try #require(try await context(try task()).pluginWorkdir)
        #expect(path == place.path + "/work/plugins/test")
        var isDirectory: ObjCBool = false
        #expect(FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue)
        #expect(await refusal { try await context(try task(["plugin": ["name": "../x"]])).pluginWorkdir } != nil)
        #expect(try await context(try task(["plugin": nil])).pluginWorkdir == nil)
    }

    @Test("50 operations with 20 updates each on one instance, kept on disk: none is lost, and conflicts are met")
    func conflicts() async throws {
        let conflicts = Conflicts()
        let task = try task()
        await withTaskGroup(of: OperationOutcome.self) { group in
            for number in 0..<50 {
                group.addTask {
                    let access = Counting(local: manager.access(for: task), conflicts: conflicts)
                    let operation = Operative.Operation("count") { ctx in
                        for update in 0..<20 {
                            try await ctx.instance.modifyRuntimeProperties { $0["\(number)-\(update)"] = true }
                            // Everybody reads before anybody may write: so there are conflicts on any machine.
                            await Task.yield()
                            try await ctx.instance.update(onConflict: .simpleMerge)
                        }
                    }
                    return await perform(operation, in: context(task, access), inputs: OperationInputs { [:] })
                }
            }
            for await outcome in group { #expect(outcome == .succeeded(.null)) }
        }
        #expect(try await context(task).instance.runtimeProperties.count == 1000)
        #expect(conflicts.count > 0)
    }

    private func refusal<Result>(_ body: () async throws -> Result) async -> String? {
        do {
            _ = try await body()
            return nil
        } catch {
            return "\(error)"
        }
    }
}
