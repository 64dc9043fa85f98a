import AgentTestSupport
import Foundation
import Glibc
import ManagerTestServer
import OperationProcesses
import Operative
import Testing

/// What the original's plugin asks and tells the manager beside what the agent does, and what comes of it, against the same plugin run by
/// this agent.
@Suite("Recorded exchanges of operations in Python", .timeLimit(.minutes(5)))
struct PythonExchangeTests {
    init() {
        // As the agent does: a resident Python that is gone must not end this process.
        signal(SIGPIPE, SIG_IGN)
    }

    @Test("All that a context offers is what was recorded, with every request for it", arguments: ["cold", "warm"])
    func everything(_ way: String) async throws {
        let exchange = try fixture("Operations/dump_ctx")["exchanges"]?[0] ?? nil
        try await run(way) { agent in
            let recorded = exchange["requests"]?.arrayValue ?? []
            for request in recorded { agent.server.answer(asRecorded: request) }
            _ = await agent.send(agent.server.own(try #require(exchange["request"]))).settled()
            #expect(agent.answers.map(agent.readable) == [exchange["reply"]])
            expect(agent.server.requests.filter { !$0.path.hasSuffix("/events") }, recorded)
        }
    }

    @Test("An update that others have outrun twice is merged and stored as recorded", arguments: ["cold", "warm"])
    func conflict(_ way: String) async throws {
        let exchange = try fixture("Operations/conflict")["exchanges"]?[0] ?? nil
        try await run(way) { agent in
            let recorded = exchange["requests"]?.arrayValue ?? []
            for request in recorded { agent.server.answer(asRecorded: request) }
            // The recording has no reads: before each attempt the instance was what the attempt is about, without its own change.
            let updates = recorded.filter { $0["path"]?.stringValue?.contains("/node-instances/") == true }
            #expect(updates.count == 3)
            for update in updates {
                var instance = update["body"]?.objectValue ?? [:]
                var properties = instance["runtime_properties"]?.objectValue ?? [:]
                properties["mine"] = nil
                instance["runtime_properties"] = .object(properties)
                let path = update["path"]?.stringValue ?? ""
                agent.server.inject(.body(PropertyValue.object(instance).jsonString), method: "GET", path: path)
            }
            let stored = try #require(updates.last?["response_body"])
            agent.server.inject(.body(stored.jsonString), method: "GET", path: "/node-instances/")
            let request = try #require(exchange["request"])
            let execution = request.value(at: "cloudify_task.kwargs.__cloudify_context.execution_id")?.stringValue ?? ""
            agent.server.change { $0.executions[execution] = ["id": .string(execution), "status": "started"] }
            _ = await agent.send(agent.server.own(request)).settled()
            #expect(agent.answers.map(agent.readable) == [exchange["reply"]])
            let made = agent.server.requests.filter {
                $0.path.contains("/operations/") || $0.method == "PATCH" && $0.path.contains("/node-instances/")
            }
            expect(made, recorded)
        }
    }

    @Test("What is written to the deployment's directory is sent to the manager", arguments: ["cold", "warm"])
    func directory(_ way: String) async throws {
        let exchange = try fixture("Operations/write_workdir")["exchanges"]?[0] ?? nil
        try await run(way, synchronizes: true) { agent in
            let folder = "deployments/default_tenant/dep1"
            agent.server.change { $0.files["\(folder)/a.txt"] = StoredFile("as it was") }
            for request in exchange["requests"]?.arrayValue ?? [] { agent.server.answer(asRecorded: request) }
            let request = try #require(exchange["request"])
            let execution = request.value(at: "cloudify_task.kwargs.__cloudify_context.execution_id")?.stringValue ?? ""
            agent.server.change { $0.executions[execution] = ["id": .string(execution), "status": "started"] }
            _ = await agent.send(agent.server.own(request)).settled()
            #expect(agent.answers == [exchange["reply"]])
            let moved = agent.server.requests.filter { $0.path.hasPrefix("/resources/") }
                .map { "\($0.method) \($0.path)\($0.query.isEmpty ? "" : "?" + $0.query)" }
            // Recorded: the first with archive=True, then the two that send. The original puts what it fetches into one archive.
            #expect(
                moved == [
                    "GET /resources/\(folder)/", "GET /resources/\(folder)/a.txt", "PUT /resources/\(folder)/a.txt",
                    "PUT /resources/\(folder)/sub/new.txt",
                ])
            let files = agent.server.store.files
            #expect(files["\(folder)/a.txt"]?.content == .bytes(Array("changed".utf8)))
            #expect(files["\(folder)/sub/new.txt"]?.content == .bytes(Array("new file".utf8)))
        }
    }

    @Test("A plugin that nobody has fails the operation with the recorded reply, before anything is told")
    func notInstalled() async throws {
        let fixture = try fixture("plugin_not_installed")
        let python = try await TestPython.interpreter()
        try await ManagedAgent.run([], python: python, installsPlugins: true) { agent in
            let recorded = fixture["rest"]?.arrayValue ?? []
            for request in recorded { agent.server.answer(asRecorded: request) }
            _ = await agent.send(agent.server.own(try #require(fixture.value(at: "request.body")))).settled()
            #expect(agent.answers.map(agent.readable) == [RecordedTraceback.normalized(fixture["response"] ?? nil)])
            expect(agent.server.requests, recorded)
        }
    }

    /// Whether the process has become the dispatcher: a launcher ends by SIGKILL what has not become its program yet.
    private func hasBegun(_ group: ProcessGroup) -> Bool {
        guard let program = group.session else { return true }
        let line = try? String(contentsOfFile: "/proc/\(program)/cmdline", encoding: .utf8)
        return line?.contains("cloudify.dispatch") ?? false
    }

    @Test(
        "A cancelled process ends by SIGTERM, or by SIGKILL when it ignores that; nobody is answered, and the manager is asked and told what was recorded",
        arguments: [
            ("cancel_running_sigterm", "cold"), ("cancel_running_sigterm", "warm"),
            ("cancel_running_sigkill_after_5s", "warm"),
        ])
    func cancelled(_ name: String, _ way: String) async throws {
        let fixture = try fixture(name)
        let isStubborn = name == "cancel_running_sigkill_after_5s"
        try await run(way) { agent in
            let recorded = fixture["rest"]?.arrayValue ?? []
            for request in recorded { agent.server.answer(asRecorded: request) }
            let body = try #require(fixture.value(at: "request.body"))
            let delivery = agent.send(agent.server.own(body))
            let place = try #require(agent.python)
            // The function says nothing: it runs as soon as its process is known, after the last request before it.
            await agent.server.received(2)
            while place.ledger.groups.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
            let group = try #require(place.ledger.groups.keys.first)
            let pid = group.pid
            while !hasBegun(group) { try await Task.sleep(for: .milliseconds(10)) }
            while isStubborn, !ignoresTermination(pid) { try await Task.sleep(for: .milliseconds(10)) }
            let execution = body.value(at: "cloudify_task.kwargs.__cloudify_context.execution_id")?.stringValue
            await agent.cancel(try #require(execution))
            #expect(await delivery.settled() == .acknowledged)
            #expect(place.dispatched.ends == [.signalled(isStubborn ? SIGKILL : SIGTERM)])
            #expect(fixture["response"] == PropertyValue.null && agent.answers.isEmpty)
            expect(agent.server.requests.filter { !$0.path.hasSuffix("/events") }, recorded)
            #expect(place.ledger.groups.isEmpty)
            #expect(try FileManager.default.contentsOfDirectory(atPath: place.temporary) == [])
        }
    }

    private func run(
        _ way: String, synchronizes: Bool = false, _ body: (ManagedAgent) async throws -> Void
    ) async throws {
        let python = try await TestPython.interpreter()
        try await ManagedAgent.run([], synchronizes: synchronizes, python: python, isWarm: way == "warm") { agent in
            try await body(agent)
            let place = try #require(agent.python)
            #expect(place.dispatched.runs == 1 && place.cold.runs == (way == "cold" ? 1 : 0))
        }
    }

    private func ignoresTermination(_ pid: Int32) -> Bool {
        guard let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("SigIgn:") }),
            let mask = UInt64(line.dropFirst(7).trimmingCharacters(in: .whitespaces), radix: 16)
        else { return false }
        return mask & 1 << UInt64(SIGTERM - 1) != 0
    }

    private func expect(_ made: [RecordedRequest], _ recorded: [PropertyValue]) {
        #expect(
            made.map { "\($0.method) \($0.path)?\($0.query)" }
                == recorded.map { request in
                    let parts = ["method", "path", "query"].map { request[$0]?.stringValue ?? "" }
                    return "\(parts[0]) \(parts[1])?\(parts[2])"
                })
        for (request, recorded) in zip(made, recorded) {
            #expect(request.json ?? nil == recorded["body"] ?? nil)
            for header in ["Execution-Token", "Authentication-Token", "Tenant", "Content-type"] {
                #expect(request.header(header) == recorded["headers"]?[header]?.stringValue, "\(header)")
            }
        }
    }

    private func fixture(_ name: String) throws -> PropertyValue {
        let directory = try #require(Bundle.module.resourceURL).appending(path: "Fixtures")
        return try PropertyValue(json: Array(Data(contentsOf: directory.appending(path: "\(name).json"))))
    }
}
