import Foundation
import ManagerTestServer
import Operative
import Synchronization

/// Native operations that do what those of the plugin did whose exchanges were recorded.
struct RecordedPlugin: Sendable {
    struct ValueError: Error, CustomStringConvertible {
        let description: String
    }

    struct MyError: NonRecoverable, CustomStringConvertible {
        let description: String
    }

    /// Cannot be turned into JSON.
    struct Unserializable: Encodable, Sendable {
        func encode(to encoder: any Encoder) throws {
            throw EncodingError.invalidValue(self, .init(codingPath: [], debugDescription: "not for the wire"))
        }
    }

    /// The manager, for those who change it behind their own back; set before the first operation.
    let server = Server()

    final class Server: Sendable {
        private let manager = Mutex<TestManager?>(nil)
        func set(_ manager: TestManager) { self.manager.withLock { $0 = manager } }

        /// Changes an instance as another operation would.
        func interfere(_ instance: String, _ number: Int) {
            manager.withLock { $0 }?.change { store in
                var properties = store.instances[instance]?["runtime_properties"]?.objectValue ?? [:]
                properties["theirs"] = .integer(number)
                store.instances[instance]?["runtime_properties"] = .object(properties)
                store.instances[instance]?["version"] = .integer(number)
            }
        }
    }

    private static func set(_ key: String, _ value: PropertyValue, _ ctx: OperationContext) async throws {
        try await ctx.instance.modifyRuntimeProperties { $0[key] = value }
    }

    var operations: [Operative.Operation] {
        endings + [
            Operative.Operation("specplugin.ops.ok", resumable: true) { ctx in
                try await Self.set("touched_by", .string(ctx.operation.name), ctx)
                return ["done": true, "op": .string(ctx.operation.name)] as PropertyValue
            },
            Operative.Operation("specplugin.ops.conflict") { [server] ctx -> PropertyValue in
                let id = try ctx.instance.id
                try await Self.set("mine", 1, ctx)
                server.interfere(id, 18)
                let met = Mutex(false)
                try await ctx.instance.update { mine, latest in
                    let isFirst = met.withLock { met in
                        defer { met = true }
                        return !met
                    }
                    if isFirst { server.interfere(id, 19) }
                    return latest.merging(mine) { $1 }
                }
                return .object(try await ctx.instance.runtimeProperties)
            },
            Operative.Operation("specplugin.ops.dirty_then_refresh") { ctx in
                try await Self.set("mine", 1, ctx)
                try await ctx.instance.refresh()
            },
            Operative.Operation("specplugin.ops.write_workdir") { ctx -> [String] in
                let directory = try await ctx.localDeploymentWorkdir ?? ""
                let files = FileManager.default
                try files.createDirectory(atPath: directory + "/sub", withIntermediateDirectories: true)
                try "new file".write(toFile: directory + "/sub/new.txt", atomically: false, encoding: .utf8)
                try "changed".write(toFile: directory + "/a.txt", atomically: false, encoding: .utf8)
                return try files.contentsOfDirectory(atPath: directory).sorted()
            },
            Operative.Operation("specplugin.ops.envs") { _ in },
            Operative.Operation("specplugin.ops.inputs", inputs: [String: PropertyValue].self) { _, inputs in inputs },
            Operative.Operation("specplugin.ops.none") { _ in },
            Operative.Operation("specplugin.ops.dump_ctx") { ctx in await Self.everything(of: ctx) },
        ]
    }

    private var endings: [Operative.Operation] {
        [
            Operative.Operation("specplugin.ops.recoverable") { ctx in
                try await Self.set("before_error", 1, ctx)
                throw RecoverableError("try again later")
            },
            Operative.Operation("specplugin.ops.recoverable_after") { _ in
                throw RecoverableError("try again later", retryAfter: .seconds(7))
            },
            Operative.Operation("specplugin.ops.recoverable_causes") { _ in
                throw RecoverableError("outer", cause: ValueError(description: "inner"))
            },
            Operative.Operation("specplugin.ops.nonrecoverable") { ctx in
                try await Self.set("before_error", 1, ctx)
                throw NonRecoverableError("give up")
            },
            Operative.Operation("specplugin.ops.plain") { _ in throw ValueError(description: "plain user error \u{e9}")
            },
            Operative.Operation("specplugin.ops.custom") { _ in throw MyError(description: "subclass of a known class")
            },
            Operative.Operation("specplugin.ops.retry") { ctx -> PropertyValue in
                guard ctx.operation.retryNumber == 0 else {
                    return .string("ready at retry \(ctx.operation.retryNumber)")
                }
                try await Self.set("before_retry", 1, ctx)
                try ctx.operation.retry(after: .seconds(1), message: "not ready yet")
            },
            Operative.Operation("specplugin.ops.retry_plain") { ctx in try ctx.operation.retry(message: "again") },
            Operative.Operation("specplugin.ops.unserializable") { _ in Unserializable() },
            Operative.Operation("specplugin.ops.slow") { _ in try await Task.sleep(for: .seconds(3_600)) },
        ]
    }

    private static func text(_ text: String?) -> PropertyValue { text.map { .string($0) } ?? .null }

    /// What the recorded operation answered with, by the same names.
    private static func everything(of ctx: OperationContext) async -> [String: PropertyValue] {
        var found: [String: PropertyValue] = [:]
        func note(_ name: String, _ value: @escaping () async throws -> PropertyValue) async {
            do {
                found[name] = try await value()
            } catch {
                found[name] = .string("\(type(of: error)): \(error)")
            }
        }
        await note("type") { .string(ctx.kind.rawValue) }
        await note("node.properties") { .object(try await ctx.node.properties) }
        await note("node.type") { .string(try await ctx.node.type) }
        await note("node.type_hierarchy") { .array(try await ctx.node.typeHierarchy.map { .string($0) }) }
        await note("node.number_of_instances") { .integer(try await ctx.node.numberOfInstances) }
        await note("instance.id") { .string(try ctx.instance.id) }
        await note("instance.index") { .integer(try await ctx.instance.index) }
        await note("instance.host_ip") { .string(try await ctx.instance.hostIP) }
        await note("instance.scaling_groups") {
            let groups = try await ctx.instance.scalingGroups.map { ($0.name, PropertyValue.string($0.id)) }
            return .object(Dictionary(groups) { $1 })
        }
        await note("instance.relationships") {
            var found: [PropertyValue] = []
            for relationship in try await ctx.instance.relationships {
                let types = try await relationship.typeHierarchy.map { PropertyValue.string($0) }
                found.append([
                    .string(relationship.type), .array(types), .string(relationship.target.node.name),
                    .string(relationship.target.instance.id),
                ])
            }
            return .array(found)
        }
        await note("instance.drift") { try await ctx.instance.drift ?? nil }
        await note("source") { .string(try ctx.source.instance.id) }
        await note("target") { .string(try ctx.target.instance.id) }
        await note("capabilities") { .object(try await ctx.capabilities.all.mapValues { .object($0) }) }
        await note("deployment.id") { Self.text(ctx.deployment.id) }
        await note("deployment.display_name") { Self.text(ctx.deployment.displayName) }
        await note("deployment.creator") { Self.text(ctx.deployment.creator) }
        await note("deployment.resource_tags") { .object(ctx.deployment.resourceTags) }
        await note("plugin.properties") { .object(ctx.plugin?.properties ?? [:]) }
        await note("deployment.tenant_name") { Self.text(ctx.tenant.name) }
        await note("blueprint.id") { Self.text(ctx.blueprint.id) }
        await note("execution_id") { Self.text(ctx.execution.id) }
        await note("workflow_id") { Self.text(ctx.workflow.id) }
        await note("task_id") { Self.text(ctx.taskID) }
        await note("task_name") { .string(ctx.taskName) }
        await note("task_target") { Self.text(ctx.taskTarget) }
        await note("task_queue") { Self.text(ctx.taskQueue) }
        await note("operation.name") { .string(ctx.operation.name) }
        await note("operation.retry_number") { .integer(ctx.operation.retryNumber) }
        await note("operation.max_retries") { .integer(ctx.operation.maxRetries) }
        await note("operation.relationship") { Self.text(ctx.operation.relationshipSide?.rawValue) }
        await note("plugin.name") { Self.text(ctx.plugin?.name) }
        await note("agent") { .string("\(type(of: try await ctx.agent))") }
        await note("tenant_name") { Self.text(ctx.tenant.name) }
        await note("resource") {
            .string(String(decoding: try await ctx.getResource("scripts/res.txt"), as: UTF8.self))
        }
        await note("rendered") {
            .string(try await ctx.getResourceAndRender("scripts/tpl.txt", variables: ["who": "me"]))
        }
        await note("missing_resource") { .integer(try await ctx.getResource("nope.txt").count) }
        await note("bootstrap") { .string(try await ctx.bootstrapContext.resourcesPrefix) }
        await note("set_target_props") {
            guard let target = try await ctx.instance.relationships.first?.target.instance else { return nil }
            try await target.modifyRuntimeProperties { $0["a"] = 1 }
            return nil
        }
        return found
    }
}
