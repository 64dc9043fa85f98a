import AgentProtocol
import Foundation
import Operative
import OperativeTestKit
import ScriptPlugin
import Synchronization
import Testing

/// The scripts that were run by the original, run again. What differs on purpose is listed here, and in docs/scripts.md with its reason.
@Suite("Recorded scripts", .timeLimit(.minutes(2)))
struct RecordedScriptTests {
    /// Texts of the original's log, and what stands in their place.
    private static let differences = [
        // The client says what went wrong without Python's wrapping.
        (
            "<out> cloudify.proxy.client.RequestError: (RequestError(...), 'RuntimeError: illegal path: missing.key')",
            "<out> ctx: RuntimeError: illegal path: missing.key"
        ),
        (
            "<out> cloudify.proxy.client.RequestError: (RequestError(...), \"RuntimeError: no_such_attribute cannot be processed in ['no_such_attribute']\")",
            "<out> ctx: RuntimeError: no_such_attribute cannot be processed in ['no_such_attribute']"
        ),
        (
            "<out> cloudify.proxy.client.RequestError: (RequestError(...), 'NonRecoverableError: ctx.source/ctx.target can only be used in a relationship-instance context but used in a node-instance context.')",
            "<out> ctx: NonRecoverableError: ctx.source/ctx.target can only be used in a relationship-instance context but used in a node-instance context."
        ),
        // Keys are sorted.
        (
            #"<out> {"k": "v", "n": 5, "deep": {"er": {"key": {"x": [1, 2]}}}}"#,
            #"<out> {"deep": {"er": {"key": {"x": [1, 2]}}}, "k": "v", "n": 5}"#
        ),
        (
            "<out> {'host_ymsl4g': {'cloudify_agent': {'queue': 'host_agent1', 'name': 'host_agent1', 'rest_host': ['127.0.0.1'], 'version': '7.0.5', 'tenant': {'name': 'default_tenant'}}}, 'db_43ccby': {}}",
            "<out> {'db_43ccby': {}, 'host_ymsl4g': {'cloudify_agent': {'name': 'host_agent1', 'queue': 'host_agent1', 'rest_host': ['127.0.0.1'], 'tenant': {'name': 'default_tenant'}, 'version': '7.0.5'}}}"
        ),
    ]

    /// What follows `ctx get-resource`, which always failed.
    private static func withResource(_ log: [(String, String)]) -> [(String, String)] {
        guard let call = log.firstIndex(where: { $0.1 == "<out> --- ctx get-resource scripts/res.txt" }) else {
            return log
        }
        var log = log
        log.replaceSubrange(
            call + 1..<call + 4, with: [("info", "<out> resource"), ("info", "<out> "), ("info", "<out> rc=0")])
        return log
    }

    @Test(
        "Reply and log of every recorded script are those of the original",
        arguments: [
            "s_abort", "s_args", "s_both", "s_env", "s_fail", "s_noproxy", "s_opretry", "s_retry", "s_source", "script",
            "script over HTTP",
        ])
    func isAsRecorded(_ label: String) async throws {
        let overHTTP = label.hasSuffix(" over HTTP")
        let name = label.replacing(" over HTTP", with: "")
        let stage = try ScriptStage()
        let fixture = try ScriptFixture(name)
        try stage.install("python3", "#!/bin/sh\nexec sleep 3600\n")
        let environment = try Self.environment(fixture, stage, overHTTP: overHTTP)
        var settings = stage.settings(["TEE_PY": "tee", "TEE_OUT": "out", "TEE_PORT": "1", "TMPDIR": stage.temporary])
        // A machine that is slow today is no difference.
        settings.waitingNotice = .seconds(3600)
        let operation = try #require(stage.plugin(settings).operations.first)
        let context = environment.context(taskName: operation.name)
        let outcome = await perform(operation, in: context, inputs: OperationInputs { fixture.inputs })
        let reply = try PropertyValue(json: try #require(TaskReply(outcome)).json)
        let normal = Normal(stage)
        #expect(Self.comparable(reply, normal) == Self.comparable(fixture.reply, normal))
        let recorded = Self.withResource(fixture.log.map { ($0.level, Self.replacement(of: normal($0.text))) })
        let logged = environment.logs.map { ($0.level.rawValue, normal($0.message)) }
        for stream in Stream.allCases {
            #expect(
                stream.lines(of: logged, name)
                    == stream.lines(of: recorded.filter { !$0.0.hasPrefix("workflow") && $0.0 != "plugin_event" }, name),
                "\(stream)")
        }
        #expect(environment.events == fixture.log.filter { $0.level == "plugin_event" }.map(\.text))
        if name == "script" {
            #expect(environment.runtimeProperties == ["k": "v", "n": 5, "deep": ["er": ["key": ["x": [1, 2]]]]])
        }
        #expect(stage.leftovers == [])
    }

    @Test("A Python script is handed to Python with the inputs as they came")
    func python() async throws {
        let fixture = try ScriptFixture("s_py")
        let stage = try ScriptStage()
        let python = PythonRecorder(result: try #require(fixture.reply["result"]))
        let environment = try Self.environment(fixture, stage)
        let result = await environment.run(
            "script_runner.tasks.run", in: stage.plugin(python: python), inputs: fixture.inputs)
        #expect(result.value == fixture.reply["result"])
        #expect(python.inputs == [fixture.inputs])
    }

    private static func environment(
        _ fixture: ScriptFixture, _ stage: ScriptStage, overHTTP: Bool = false
    ) throws -> TestEnvironment {
        var manager = TestManager()
        manager.resources = try ScriptFixture.resources(work: stage.work, overHTTP: overHTTP)
        var task = TestTask()
        task.operationName = fixture.operationName
        task.deploymentID = "dep1"
        let agent: PropertyValue = [
            "queue": "host_agent1", "name": "host_agent1", "rest_host": ["127.0.0.1"], "version": "7.0.5",
            "tenant": ["name": "default_tenant"],
        ]
        let host = TestInstance(node: "host", id: "host_ymsl4g", runtimeProperties: ["cloudify_agent": agent])
        let db = TestInstance(node: "db", id: "db_43ccby")
        let app = TestInstance(
            node: "app", id: "app_07ss99",
            properties: ["port": ["get_input": "port"], "nested": ["a": ["b": [1, 2, ["c": "x"]]]]],
            relationships: [
                TestRelationship("cloudify.relationships.contained_in", to: host),
                TestRelationship("cloudify.relationships.connected_to", to: db),
            ])
        return TestEnvironment(app, others: [host, db], task: task, manager: manager)
    }

    private static func replacement(of text: String) -> String {
        differences.first { $0.0 == text }?.1 ?? text
    }

    /// What of a reply is to be the same: everything but the tracebacks, which show the agent's own source.
    private static func comparable(_ reply: PropertyValue, _ normal: Normal) -> PropertyValue {
        guard case .object(var fields) = reply else { return reply }
        if let text = fields["result"]?.stringValue { fields["result"] = .string(normal(text)) }
        guard case .object(var error)? = fields["error"] else { return .object(fields) }
        error["traceback"] = nil
        error["message"] = error["message"]?.stringValue.map { .string(normal($0)) }
        let causes = reply.value(at: "error.known_exception_type_kwargs.causes")?.arrayValue ?? []
        error["known_exception_type_kwargs"] = .array(
            causes.map { cause in
                ["type": cause["type"] ?? nil, "message": .string(normal(cause["message"]?.stringValue ?? ""))]
            })
        // "2" is a number on the wire: an engine cannot add text to a time.
        if error["known_exception_type_args"] == ["2"] { error["known_exception_type_args"] = [2] }
        fields["error"] = .object(error)
        return .object(fields)
    }
}

/// Channels of a log whose lines have an order of their own; between them it depends on the scheduler, also in the original.
private enum Stream: CaseIterable {
    case output, errors, ctx, runner

    func lines(of log: [(String, String)], _ name: String) -> [String] {
        log.filter { Self.stream(of: $0) == self }.map { "\($0.0) \($0.1)" }
    }

    private static func stream(of record: (String, String)) -> Stream {
        if record.1.hasPrefix("<out> ") { return .output }
        if record.1.hasPrefix("<err> ") { return .errors }
        if ["hello from script", "warn from script"].contains(record.1) { return .ctx }
        return .runner
    }
}

/// Replaces what differs from machine to machine and from run to run.
private struct Normal {
    let stage: ScriptStage

    init(_ stage: ScriptStage) { self.stage = stage }

    func callAsFunction(_ text: String) -> String {
        text.replacing(stage.work, with: "/PATH/work")
            .replacing(/[^ =]*\/operative-test-[-0-9A-F]+\/[0-9]+\//, with: "/tmp/XXXXX/")
            .replacing(stage.temporary, with: "/tmp")
            .replacing(/\/tmp\/[A-Z0-9]{5}\//, with: "/tmp/XXXXX/")
            .replacing(/PID(:? ?=?)[0-9]+/, with: { "PID\($0.1)N" })
            .replacing(/CTX_SOCKET_URL=http:\/\/[^\n]*/, with: "CTX_SOCKET_URL=URL")
    }
}

/// Takes down what it is given.
private final class PythonRecorder: PythonScripts {
    private let result: PropertyValue
    private let seen = Mutex<[[String: PropertyValue]]>([])

    init(result: PropertyValue) { self.result = result }

    var inputs: [[String: PropertyValue]] { seen.withLock { $0 } }

    func isPython(_ source: String, _ context: OperationContext) async throws -> Bool { false }

    func run(_ context: OperationContext, _ inputs: [String: PropertyValue]) async throws -> PropertyValue {
        seen.withLock { $0.append(inputs) }
        return result
    }
}
