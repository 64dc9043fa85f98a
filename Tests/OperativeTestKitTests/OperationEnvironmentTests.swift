import Logging
import Operative
import OperativeTestKit
import Testing

struct WebServerPlugin: Plugin {
    static let name = "webserver"
    static let version = "1.2.3"

    struct Inputs: Decodable { let a: Int }

    var operations: [Operation] {
        Operation("webserver.start", inputs: Inputs.self) { ctx, inputs in
            ctx.logger.info("starting", metadata: ["a": "\(inputs.a)"])
            ctx.sendEvent("about to start")
            let port = try await ctx.node.properties["port"]?.intValue ?? 80
            try await ctx.instance.modifyRuntimeProperties { $0["port"] = .integer(port + inputs.a) }
            guard ctx.operation.retryNumber > 0 else {
                try ctx.operation.retry(after: .seconds(5), message: "not listening yet")
            }
            return "listening"
        }
        Operation("webserver.stop") { ctx in
            throw RecoverableError("busy", retryAfter: .seconds(3), cause: NonRecoverableError("inner"))
        }
        Operation("webserver.create", resumable: true) { ctx in ctx.resume }
        Operation("webserver.link") { ctx in
            try await ctx.source.instance.modifyRuntimeProperties { $0["peer"] = .string(try ctx.target.instance.id) }
        }
        Operation("webserver.describe") { ctx -> [String: PropertyValue] in
            [
                "kind": .string(ctx.kind.rawValue), "deployment": ctx.deployment.id.map { .string($0) } ?? nil,
                "tenant": ctx.tenant.name.map { .string($0) } ?? nil,
                "plugin": ctx.plugin.map { .string($0.name) } ?? nil,
                "operation": .string(ctx.operation.name), "task": .string(ctx.taskName),
            ]
        }
        Operation("webserver.exit") { _ in throw StopAgentRequest() }
    }
}

@Suite("Testing operations without a broker")
struct OperationEnvironmentTests {
    let plugin = WebServerPlugin()

    @Test("the requested retry is a value, and runtime properties, logs and events are recorded")
    func retry() async {
        let environment = OperationEnvironment(
            node: "web", properties: ["port": 8080], runtimeProperties: ["kept": true])
        let result = await environment.run("webserver.start", in: plugin, inputs: ["a": 1])
        #expect(result.retry?.after == .seconds(5))
        #expect(result.retry?.message == "not listening yet")
        #expect(result.value == nil && result.failure == nil)
        #expect(environment.runtimeProperties == ["kept": true, "port": 8081])
        #expect(environment.events == ["about to start"])
        #expect(environment.logs.map(\.message) == ["starting"])
        #expect(environment.logs.first?.level == .info && environment.logs.first?.metadata["a"] == "1")
    }

    @Test("a later attempt sees its number and what the earlier one has saved")
    func laterAttempt() async {
        let environment = OperationEnvironment(node: "web", properties: ["port": 8080])
        _ = await environment.run("webserver.start", in: plugin, inputs: ["a": 1])
        let result = await environment.run("webserver.start", in: plugin, inputs: ["a": 1], retryNumber: 1)
        #expect(result.outcome == .succeeded("listening"))
        #expect(environment.saves == ["web_1"])
        let other = OperationEnvironment(node: "web", retryNumber: 3)
        #expect(await other.run("webserver.start", in: plugin, inputs: ["a": 1]).value == "listening")
    }

    @Test("a failure tells what the manager would be told")
    func failure() async {
        let result = await OperationEnvironment(node: "web").run("webserver.stop", in: plugin)
        #expect(result.failure?.isRecoverable == true && result.failure?.retryAfter == .seconds(3))
        #expect(result.failure?.type == "RecoverableError" && result.failure?.message == "busy")
        #expect(result.failure?.causes.map(\.message) == ["inner", "busy [retry_after=3]"])
    }

    @Test("wrong inputs and unknown operations are failures that name the remedy")
    func mistakes() async {
        let environment = OperationEnvironment(node: "web")
        let inputs = await environment.run("webserver.start", in: plugin, inputs: ["a": "x"])
        #expect(inputs.failure?.message == "input 'a': expected an integer, found a string")
        let unknown = await environment.run("webserver.strat", in: plugin)
        #expect(
            unknown.failure?.message.hasPrefix(
                "the plugin has no operation 'webserver.strat'; did you mean 'webserver.start'") == true)
    }

    @Test("only resumable operations are resumed")
    func resume() async {
        let environment = OperationEnvironment(node: "web")
        #expect(await environment.run("webserver.create", in: plugin, resume: true).value == true)
        let refused = await environment.run("webserver.stop", in: plugin, resume: true)
        #expect(refused.failure?.message == "Cannot resume - operation not resumable: webserver.stop")
    }

    @Test("relationships have two ends, deployments none")
    func kinds() async {
        let relationship = OperationEnvironment(
            source: TestInstance(node: "app"), target: TestInstance(node: "db", id: "db_x"))
        _ = await relationship.run("webserver.link", in: plugin)
        #expect(
            relationship.runtimeProperties == ["peer": "db_x"] && relationship.runtimeProperties(of: "db_x").isEmpty)
        var task = TestTask()
        task.operationName = "interface.describe"
        task.tenantName = nil
        let deployment = OperationEnvironment(task: task)
        #expect(
            await deployment.run("webserver.describe", in: plugin).value == [
                "kind": "deployment", "deployment": "test-deployment", "tenant": nil, "plugin": "webserver",
                "operation": "interface.describe", "task": "webserver.describe",
            ])
        #expect(await deployment.run("webserver.link", in: plugin).failure?.isRecoverable == false)
    }

    @Test("saves can be made to fail, and conflicts are real")
    func trouble() async {
        let environment = OperationEnvironment(node: "web")
        environment.failSaves(with: RecoverableError("manager away"))
        #expect(
            await environment.run("webserver.start", in: plugin, inputs: ["a": 1], retryNumber: 1).failure?.message
                == "manager away")
        environment.failSaves(with: nil)
        let conflicting = await environment.run(
            Operation("conflict") { ctx in
                try await ctx.instance.modifyRuntimeProperties { $0["mine"] = 1 }
                environment.setRuntimeProperties(["theirs": 2], of: "web_1")
            })
        #expect(conflicting.failure?.type == "UpdateConflict")
        #expect(environment.runtimeProperties == ["theirs": 2])
    }

    @Test("stopping the agent and being cancelled are outcomes")
    func otherOutcomes() async {
        let environment = OperationEnvironment(node: "web")
        #expect(await environment.run("webserver.exit", in: plugin).outcome == .stopAgent)
        let task = Task { await environment.run(Operation("wait") { _ in try await Task.sleep(for: .seconds(600)) }) }
        task.cancel()
        #expect(await task.value.outcome == .cancelled)
    }

    @Test("a context can be handed to code under test")
    func context() async throws {
        let context = OperationEnvironment(node: "web", instance: "web_x", runtimeProperties: ["a": 1]).context()
        #expect(try context.instance.id == "web_x" && context.node.name == "web")
        #expect(try await context.instance.runtimeProperties == ["a": 1])
    }
}
