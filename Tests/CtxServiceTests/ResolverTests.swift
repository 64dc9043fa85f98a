import Operative
import OperativeTestKit
import Testing

@testable import CtxService

@Suite("What a script's words lead to")
struct ResolverTests {
    private let environment: OperationEnvironment = {
        var web = TestInstance(
            node: "web",
            properties: ["port": 8080, "nested": ["a": ["b": [1, 2, ["c": "x"]]]], "update": "a property"],
            runtimeProperties: ["k": "v", "list": [1, ["x": 5]]],
            relationships: [TestRelationship("uses", to: TestInstance(node: "db"))])
        web.typeHierarchy = ["cloudify.nodes.Root", "Web"]
        var task = TestTask()
        task.workflowParameters = ["force": true, "nested": ["deep": 1]]
        var manager = TestManager()
        manager.resources = ["motd": "Grüße\n", "template": "Hello {{ who }} of {{ ctx.node.name }}"]
        manager.bootstrapContext = ["resources_prefix": "p-", "cloudify_agent": ["user": "centos"]]
        manager.configuration = ["max": 5]
        return OperationEnvironment(
            web, others: [TestInstance(node: "db", runtimeProperties: ["ip": "10.0.0.2"])], task: task, manager: manager
        )
    }()

    private func payload(_ words: PropertyValue...) async throws -> PropertyValue {
        let answer = try await answer(environment.context(), words)
        #expect(answer["type"] == "result", "\(answer)")
        return answer["payload"] ?? .null
    }

    private func error(_ words: PropertyValue...) async throws -> String {
        let answer = try await answer(environment.context(), words)
        #expect(answer["type"] == "error", "\(answer)")
        return "\(answer["payload"]?["type"]?.stringValue ?? ""): \(answer["payload"]?["message"]?.stringValue ?? "")"
    }

    @Test("attributes lead to values, with hyphens as with underscores")
    func attributes() async throws {
        #expect(try await payload("node", "id") == "web")
        #expect(try await payload("node", "type-hierarchy") == ["cloudify.nodes.Root", "Web"])
        #expect(try await payload("instance", "id") == "web_1")
        #expect(try await payload("instance", "node", "name") == "web")
        #expect(try await payload("instance", "index") == 1)
        #expect(try await payload("deployment", "display-name") == "Test deployment")
        #expect(try await payload("blueprint", "id") == "test-blueprint")
        #expect(try await payload("execution-id") == "test-execution")
        #expect(try await payload("workflow_id") == "test-workflow")
        #expect(try await payload("tenant-name") == "default_tenant")
        #expect(try await payload("type") == "node-instance")
        #expect(try await payload("operation", "retry-number") == 0)
        #expect(try await payload("workflow-parameters", "nested.deep") == 1)
        #expect(try await payload("plugin") == "")
        #expect(try await payload("capabilities", "get-all") == ["db_1": ["ip": "10.0.0.2"]])
        #expect(try await payload("bootstrap-context", "cloudify-agent", "user") == "centos")
        #expect(try await payload("get-config", "max", "workflow")[0]?["value"] == 5)
        #expect(try await payload("get-execution")["status"] == "started")
    }

    @Test("a path reads at any depth")
    func reading() async throws {
        #expect(try await payload("node", "properties", "port") == 8080)
        #expect(try await payload("node", "properties", "nested.a.b[2].c") == "x")
        #expect(try await payload("node", "properties", "nested.a.b[0]") == 1)
        #expect(try await payload("node", "properties", "nested") == ["a": ["b": [1, 2, ["c": "x"]]]])
        #expect(try await error("node", "properties", "missing.key") == "RuntimeError: illegal path: missing.key")
        #expect(try await error("node", "properties", "port.x") == "RuntimeError: illegal path: port.x")
        #expect(try await error("node", "properties", "nested[0]") == "RuntimeError: illegal path: nested[0]")
        #expect(try await error("node", "properties", "nested.a.b[9]") == "IndexError: list index out of range")
        #expect(
            try await error("node", "properties", "nested.a.b[99999999999999999999]")
                == "IndexError: list index out of range")
        #expect(
            try await error("node", "properties", 5) == "TypeError: a path must be a string, not an integer: 5")
    }

    @Test("a path and a value set, making what is missing on the way")
    func setting() async throws {
        let context = environment.context()
        for words: [PropertyValue] in [
            ["instance", "runtime-properties", "k", 7],
            ["instance", "runtime-properties", "deep.er.key", ["x": [1, 2]]],
            ["instance", "runtime-properties", "list[1].x", 6],
        ] {
            #expect(try await answer(context, words) == ["type": "result", "payload": .null])
        }
        let all = try await answer(context, ["instance", "runtime-properties"])["payload"]
        #expect(all == ["k": 7, "list": [1, ["x": 6]], "deep": ["er": ["key": ["x": [1, 2]]]]])
        let refused = try await answer(context, ["instance", "runtime-properties", "k.below.it", 1])
        #expect(refused["payload"]?["message"] == "illegal path: k.below.it")
        #expect(try await answer(context, ["instance", "runtime-properties", "k"])["payload"] == 7)
        _ = try await answer(context, ["instance", "update"])
        #expect(environment.runtimeProperties["k"] == 7)
    }

    @Test("node properties and the task's own values cannot be changed")
    func readOnly() async throws {
        let refusal = "NonRecoverableError: Cannot override read only properties"
        #expect(try await error("node", "properties", "port", 1) == refusal)
        #expect(try await error("node", "properties", "nested.a.new", 1) == refusal)
        #expect(try await error("node", "properties", "pop", "port") == refusal)
        #expect(try await error("node", "properties", "clear") == refusal)
        #expect(try await payload("node", "properties", "port") == 8080)
        #expect(
            try await error("workflow-parameters", "force", false)
                == "NonRecoverableError: workflow_parameters cannot be changed by a script")
    }

    @Test("methods of dictionaries win over keys of the same name")
    func dictionaryMethods() async throws {
        let context = environment.context()
        func properties(_ words: PropertyValue...) async throws -> PropertyValue? {
            try await answer(context, ["instance", "runtime-properties"] + words)["payload"]
        }
        #expect(try await payload("node", "properties", "get", "update") == "a property")
        #expect(try await properties("keys") == ["k", "list"])
        #expect(try await properties("get", "k") == "v")
        #expect(try await properties("get", "none", "fallback") == "fallback")
        #expect(try await properties("update", ["a": 1, "b": 2]) == .null)
        #expect(try await properties("pop", "b") == 2)
        #expect(try await properties("setdefault", "a", 9) == 1)
        #expect(try await properties("items") == [["a", 1], ["k", "v"], ["list", [1, ["x": 5]]]])
        #expect(try await properties("clear") == .null)
        #expect(try await properties() == [:])
    }

    @Test("what leads nowhere is said, with what there is instead")
    func errors() async throws {
        #expect(
            try await error("no_such_attribute")
                == "RuntimeError: no_such_attribute cannot be processed in ['no_such_attribute']")
        #expect(
            try await error("instance", "runtime_propertys", 5.5, true).hasPrefix(
                "RuntimeError: runtime_propertys cannot be processed in ['instance', 'runtime_propertys', 5.5, True]: NodeInstanceContext has drift, host_ip,"
            ))
        #expect(
            try await error("node", "id", "x") == "RuntimeError: x cannot be processed in ['node', 'id', 'x']")
        #expect(
            try await error("node", "properties", "a", "b", "c").hasPrefix(
                "RuntimeError: Illegal argument while accessing dict"))
        #expect(
            try await error("source", "instance", "id")
                == "NonRecoverableError: ctx.source/ctx.target can only be used in a relationship-instance context but used in a node-instance context."
        )
        #expect(
            try await error("instance").hasPrefix(
                "TypeError: Object of type NodeInstanceContext is not JSON serializable: ask for one of drift,"))
        #expect(try await error().hasPrefix("TypeError: Object of type CloudifyContext is not JSON serializable"))
        #expect(try await error("__class__").hasPrefix("RuntimeError: __class__ cannot be processed"))
    }

    @Test("arguments of calls are checked by name and kind")
    func arguments() async throws {
        #expect(
            try await error("download-resource")
                == "TypeError: download_resource() missing 1 required positional argument: 'resource_path'")
        #expect(
            try await error("download-resource", "a", "b", "c")
                == "TypeError: download_resource() takes 2 arguments but 3 were given: it takes resource_path, [target_path]"
        )
        #expect(
            try await error("download-resource", "a", ["who": 1])
                == "TypeError: download_resource() got an unexpected keyword argument 'who': it takes resource_path, [target_path]"
        )
        #expect(
            try await error("download-resource", "a", ["resource_path": "b"])
                == "TypeError: download_resource() got multiple values for argument 'resource_path'")
        #expect(
            try await error("download-resource", 5)
                == "TypeError: download_resource(): argument 'resource_path' must be a string, not an integer")
        #expect(
            try await error("get-resource-and-render", "template", "x")
                == "TypeError: get_resource_and_render(): argument 'template_variables' must be an object (@{…}), not a string"
        )
    }

    @Test("resources are text; what is none can be had as base64")
    func resources() async throws {
        #expect(try await payload("get-resource", "motd") == "Grüße\n")
        #expect(try await payload("get-resource", "motd", ["encoding": "base64"]) == "R3LDvMOfZQo=")
        #expect(
            try await payload("get-resource-and-render", "template", ["template_variables": ["who": "you"]])
                == "Hello you of web")
        #expect(try await error("get-resource", "nothing").hasPrefix("HttpException: "))
        #expect(try ResourceText.text([0x66, 0x6F, 0x6F, 0x62], of: "x", .base64) == "Zm9vYg==")
        #expect(try ResourceText.text([0x66, 0x6F, 0x6F], of: "x", .base64) == "Zm9v")
        #expect(throws: CtxFault.self) { try ResourceText.text([0xFF], of: "x", .utf8) }
    }

    @Test("log calls have Python's levels and fill in arguments")
    func logging() async throws {
        let words: [[PropertyValue]] = [
            ["logger", "debug", "a"], ["logger", "info", "100 %"], ["logger", "warning", "%s of %d", "one", 2],
            ["logger", "warn", "x", "left over"], ["logger", "error", 5], ["logger", "critical", ["msg": "named"]],
            ["logger", "log", 20, "by number"], ["send-event", "an event"],
        ]
        let context = environment.context()
        for word in words { #expect(try await answer(context, word) == ["type": "result", "payload": .null]) }
        #expect(
            environment.logs.map { "\($0.level) \($0.message)" } == [
                "debug a", "info 100 %", "warning one of 2", "warning x left over", "error 5", "critical named",
                "info by number",
            ])
        #expect(environment.events == ["an event"])
    }

    @Test("a relationship's ends are read and changed like an instance")
    func relationship() async throws {
        let environment = OperationEnvironment(
            source: TestInstance(node: "web"), target: TestInstance(node: "db", properties: ["port": 5432]))
        let context = environment.context()
        _ = try await answer(context, ["source", "instance", "runtime-properties", "k", "v"])
        #expect(try await answer(context, ["source", "instance", "runtime-properties", "k"])["payload"] == "v")
        #expect(try await answer(context, ["target", "node", "properties", "port"])["payload"] == 5432)
        #expect(try await answer(context, ["operation", "relationship"])["payload"] == "source")
        let refused = try await answer(context, ["instance", "id"])
        #expect(
            refused["payload"]?["message"]
                == "ctx.node/ctx.instance can only be used in a node-instance context but used in a relationship-instance context."
        )
    }

    @Test("the instance's relationships are listed with their targets, which cannot be changed from here")
    func relationships() async throws {
        let list = try await payload("instance", "relationships")
        #expect(
            list == [["type": "uses", "target": ["node": ["id": "db"], "instance": ["id": "db_1"]]]])
        #expect(try await error("instance", "relationships", "0").hasPrefix("RuntimeError: 0 cannot be processed in"))
    }

    @Test("whatever is sent, there is an answer")
    func garbage() async throws {
        let responder = CtxResponder(context: environment.context(), answers: CtxAnswers(), account: nil)
        let requests: [(String, String)] = [
            ("", "JSONDecodeError"), ("{", "JSONDecodeError"), ("[]", "KeyError"), ("{}", "KeyError"),
            ("{\"args\": \"node\"}", "TypeError"), ("{\"args\": [null]}", "RuntimeError"),
            ("{\"args\": [[[1]]]}", "RuntimeError"),
            (String(repeating: "[", count: 100_000), "JSONDecodeError"),
        ]
        for (request, type) in requests {
            let answer = try PropertyValue(json: await responder.answer(to: Array(request.utf8)))
            #expect(answer["payload"]?["type"]?.stringValue == type, "\(request.prefix(40)): \(answer)")
        }
    }
}
