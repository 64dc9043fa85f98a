import Foundation
import ManagerClient
import ManagerTestServer
import Operative
import Testing

/// Operations as the original ran them, from the message of the workflow engine to the reply: a native operation that does the
/// same, run by this agent, answers the same and asks and tells the manager the same. What differs on purpose is said in
/// docs/cloudify.md.
@Suite("Recorded replies", .timeLimit(.minutes(2)))
struct RecordedReplyTests {
    struct Exchanges: Sendable, CustomTestStringConvertible {
        let name: String
        /// What the operation sets: it is not there before.
        var sets: String?
        /// The message of the failure, where it is not the recorded one.
        var message: String?
        /// The causes of the failure, where they are not the recorded ones: each with its message.
        var causes: [String]?
        /// Members of the result that are not the recorded ones.
        var results: [String: PropertyValue] = [:]
        /// The result, where it is another altogether.
        var result: PropertyValue?
        /// Members of the result that there are not.
        var lacks: [String] = []
        /// Places in the recorded requests of those that this agent has no reason for.
        var omits: Set<Int> = []
        var testDescription: String { name }

        /// The recorded reply with the differences.
        func reply(_ recorded: PropertyValue) -> PropertyValue {
            var reply = recorded.objectValue ?? [:]
            if var error = reply["error"]?.objectValue {
                if let message { error["message"] = .string(message) }
                if let causes {
                    let type = error["exception_type"] ?? nil
                    error["known_exception_type_kwargs"] = [
                        "causes": .array(causes.map { ["type": type, "message": .string($0)] })
                    ]
                }
                reply["error"] = .object(error)
            }
            if var members = reply["result"]?.objectValue {
                for name in lacks { members[name] = nil }
                reply["result"] = .object(members.merging(results) { $1 })
            }
            if let result { reply["result"] = result }
            return .object(reply)
        }
    }

    private static let unknown = "No operation is registered under the task name"
    private static let late = "The operation did not end within its timeout of 1 seconds."

    static let all: [Exchanges] = [
        Exchanges(name: "central", sets: "touched_by"),
        Exchanges(name: "conflict", sets: "mine"),
        Exchanges(name: "custom"),
        Exchanges(name: "dirty_then_refresh", sets: "mine"),
        Exchanges(
            name: "dump_ctx",
            results: [
                // There was no check.
                "instance.drift": nil,
                // The attempt to change a target's properties has changed nothing.
                "capabilities": [
                    "host_ymsl4g": [
                        "cloudify_agent": [
                            "queue": "host_agent1", "name": "host_agent1", "rest_host": ["127.0.0.1"],
                            "version": "7.0.5", "tenant": ["name": "default_tenant"],
                        ]
                    ], "db_43ccby": [:],
                ],
                "missing_resource": .string(
                    "ResourceError: 404 (deployments/default_tenant/dep1/nope.txt,blueprints/default_tenant/bp1/nope.txt,"
                        + "nope.txt) : Resource not found: nope.txt"),
            ],
            // It does not compile; it is the machine's own.
            lacks: ["set_node_property", "plugin.workdir"],
            // The host is known already.
            omits: [7]),
        // A native operation has no environment of its own.
        Exchanges(name: "envs", result: .null),
        Exchanges(name: "inputs"),
        Exchanges(
            name: "missing_func",
            message: "\(unknown) 'specplugin.ops.no_such_fn'. Did you mean 'specplugin.ops.none'?",
            causes: []),
        Exchanges(name: "missing_module", message: "\(unknown) 'no_such_module.fn'. This agent has: one.", causes: []),
        Exchanges(name: "none"),
        Exchanges(name: "nonrecoverable", sets: "before_error"),
        Exchanges(name: "plain"),
        Exchanges(name: "recoverable", sets: "before_error"),
        Exchanges(name: "recoverable_after"),
        Exchanges(name: "recoverable_causes"),
        Exchanges(name: "retry"),
        Exchanges(name: "retry_plain"),
        Exchanges(name: "slow", message: late),
        Exchanges(name: "slow_recoverable", message: late),
        Exchanges(
            name: "unserializable", message: "the result cannot be sent: not for the wire",
            causes: ["the result cannot be sent: not for the wire"]),
    ]

    @Test("The reply and the requests about it are those that were recorded", arguments: all)
    func isAsRecorded(_ exchanges: Exchanges) async throws {
        let directory = try #require(Bundle.module.resourceURL).appending(path: "Fixtures/Operations")
        let file = try Data(contentsOf: directory.appending(path: "\(exchanges.name).json"))
        let fixture = try PropertyValue(json: Array(file))
        let plugin = RecordedPlugin()
        // One that has a single operation names it when asked for another.
        let operations =
            exchanges.name == "missing_module" ? [Operative.Operation("one") { _ in }] : plugin.operations
        let isManagers = exchanges.name == "central"
        let sender = isManagers ? ManagerSender(managerName: "mgr1") : ManagerSender(agentName: "host_agent1")
        try await ManagedAgent.run(operations, sender: sender) { agent in
            plugin.server.set(agent.server)
            for exchange in fixture["exchanges"]?.arrayValue ?? [] {
                try await replay(exchange, exchanges, agent, hasAll: fixture["has_all_requests"] == true)
            }
        }
    }

    @Test("An operation that changes its deployment's directory: the same files are sent, and fetched one by one")
    func writesDirectory() async throws {
        let directory = try #require(Bundle.module.resourceURL).appending(path: "Fixtures/Operations")
        let file = try Data(contentsOf: directory.appending(path: "write_workdir.json"))
        let exchange = try #require(try PropertyValue(json: Array(file))["exchanges"]?[0])
        try await ManagedAgent.run(RecordedPlugin().operations, synchronizes: true) { agent in
            let folder = "/resources/deployments/default_tenant/dep1"
            let body = try #require(exchange["request"])
            try prepare(agent.server, body, [], without: nil)
            agent.server.change { $0.files["deployments/default_tenant/dep1/a.txt"] = StoredFile("as it was") }
            #expect(await agent.send(body.json).settled() == .acknowledged)
            #expect(agent.answers.last == exchange["reply"])
            let moved = agent.server.requests.filter { $0.path.hasPrefix("/resources/") }
                .map { "\($0.method) \($0.path)\($0.query.isEmpty ? "" : "?" + $0.query)" }
            // Recorded: the first with archive=True, then the two that send.
            #expect(
                moved == [
                    "GET \(folder)/", "GET \(folder)/a.txt", "PUT \(folder)/a.txt", "PUT \(folder)/sub/new.txt",
                ])
            let files = agent.server.store.files
            #expect(files["deployments/default_tenant/dep1/a.txt"]?.content == .bytes(Array("changed".utf8)))
            #expect(files["deployments/default_tenant/dep1/sub/new.txt"]?.content == .bytes(Array("new file".utf8)))
        }
    }

    private func replay(
        _ exchange: PropertyValue, _ exchanges: Exchanges, _ agent: ManagedAgent, hasAll: Bool
    ) async throws {
        let body = try #require(exchange["request"])
        let recorded = exchange["requests"]?.arrayValue ?? []
        if hasAll {
            agent.server.clearFaults()
            for request in recorded { agent.server.answer(asRecorded: request) }
        } else {
            try prepare(agent.server, body, recorded, without: exchanges.sets)
        }
        agent.server.clearRequests()
        #expect(await agent.send(body.json).settled() == .acknowledged)
        let reply = try #require(exchange["reply"])
        #expect(agent.answers.last.map(Self.withoutTracebacks) == exchanges.reply(reply))
        let made = agent.server.requests.filter { hasAll || isKept($0.method, $0.path) }
        let wanted = recorded.enumerated().filter { place, request in
            let (method, path) = (request["method"]?.stringValue ?? "", request["path"]?.stringValue ?? "")
            return (hasAll || isKept(method, path)) && !exchanges.omits.contains(place)
        }.map(\.element)
        #expect(
            made.map { "\($0.method) \($0.path)\($0.query.isEmpty ? "" : "?" + $0.query)" } == wanted.map(Self.line))
        for (request, recorded) in zip(made, wanted) {
            #expect(request.json ?? nil == recorded["body"] ?? nil)
            for header in ["Execution-Token", "Authentication-Token", "Tenant", "Content-type"] {
                #expect(request.header(header) == recorded["headers"]?[header]?.stringValue, "\(header)")
            }
        }
    }

    /// Only Python has them.
    private static func withoutTracebacks(_ value: PropertyValue) -> PropertyValue {
        switch value {
        case .object(var members):
            members["traceback"] = nil
            return .object(members.mapValues(withoutTracebacks))
        case .array(let elements): return .array(elements.map(withoutTracebacks))
        default: return value
        }
    }

    private static func line(_ request: PropertyValue) -> String {
        let query = request["query"]?.stringValue ?? ""
        let line = [request["method"], request["path"]].map { $0?.stringValue ?? "" }.joined(separator: " ")
        return line + (query.isEmpty ? "" : "?" + query)
    }

    /// Most fixtures have only what is about the operation's record, and what changes an instance.
    private func isKept(_ method: String, _ path: String) -> Bool {
        path.contains("/operations/") || method == "PATCH" && path.contains("/node-instances/")
    }

    /// Has the manager know what it knew.
    private func prepare(
        _ server: TestManager, _ body: PropertyValue, _ recorded: [PropertyValue], without key: String?
    ) throws {
        let context = try #require(body.value(at: "cloudify_task.kwargs.__cloudify_context"))
        let task = try #require(context["task_id"]?.stringValue)
        let instance = try #require(context["node_id"]?.stringValue)
        let execution = try #require(context["execution_id"]?.stringValue)
        let change = recorded.first { $0["path"]?.stringValue?.contains("/node-instances/") == true }?["body"]
        server.change { store in
            store.executions[execution] = ["id": .string(execution), "status": "started"]
            store.operations[task] = ["id": .string(task), "state": "sent"]
            var properties = change?["runtime_properties"]?.objectValue ?? [:]
            if let key { properties[key] = nil }
            store.addInstance(instance, node: context["node_name"]?.stringValue ?? "", properties: properties)
            store.instances[instance]?["version"] = change?["version"] ?? 1
            // The other end of get_attribute in the inputs of one of them.
            store.addInstance(
                "db_1", node: "db", properties: ["touched_by": "cloudify.interfaces.lifecycle.create"])
        }
    }
}
