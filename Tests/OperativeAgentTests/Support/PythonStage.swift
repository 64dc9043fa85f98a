import AgentTestSupport
import Foundation
import Glibc
import ManagerTestServer
import Operative

/// A machine with an agent for operations in Python, and their manager.
struct PythonStage: Sendable {
    let place: WorkerPlace
    let manager: TestManager
    private let python: String

    init(_ broker: RabbitMQ) async throws {
        place = try await WorkerPlace(broker)
        manager = try await TestManager()
        python = try await TestPython.interpreter()
        try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
        // Python wants to see one, though nothing here is encrypted.
        try "none".write(toFile: place.restAuthorityFile, atomically: false, encoding: .utf8)
        manager.change { store in
            store.blueprints["bp1"] = ["id": "bp1", "visibility": "tenant", "tenant_name": "default_tenant"]
        }
    }

    /// Runs a worker around `body`.
    ///
    /// - Parameter dispatcher: `cold` or `warm`.
    func runWorker(
        _ dispatcher: String, _ body: @Sendable (AgentProcess) async throws -> Void
    ) async throws -> AgentProcess.End {
        let environment = [
            "REST_PROTOCOL": "http", "CFY_EXEC_TEMP": temporary, "OPERATIVE_PYTHON_INTERPRETER": python,
            "OPERATIVE_PYTHON_DISPATCHER": dispatcher, "OPERATIVE_TELEMETRY_MODE": "rest",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": Command.repositoryRoot + "/Tests/ManagedOperationTests/Fixtures/python",
        ]
        return try await AgentProcess.runWorker(place, environment: environment) { agent in
            guard await agent.log.contains("Ready") else {
                throw AgentProcess.Failure(description: "the agent has ended before it was ready")
            }
            try await body(agent)
        }
    }

    func close() async {
        await manager.goDown()
        place.remove()
    }

    /// What operations and installations have left where temporary files are.
    func leftovers() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: temporary) }

    /// Sends an operation, of the execution `e<id>`, which the manager knows; its reply is the caller's to wait for.
    func start(
        _ function: String, _ inputs: [String: PropertyValue] = [:], id: String,
        _ more: [String: PropertyValue] = [:], by caller: ServiceCaller
    ) async throws {
        manager.change { store in
            store.executions["e\(id)"] = ["id": .string("e\(id)"), "status": "started"]
            store.operations[id] = ["id": .string(id), "state": "sent"]
        }
        let context: [String: PropertyValue] = [
            "execution_id": .string("e\(id)"), "execution_token": "token", "rest_token": "token",
            "rest_host": ["127.0.0.1"], "rest_port": .integer(manager.port), "tenant": ["name": "default_tenant"],
            "deployment_id": "dep1", "blueprint_id": "bp1",
        ]
        try await caller.start(function, inputs, id: id, context: context.merging(more) { $1 })
    }

    /// Runs an operation to its end.
    ///
    /// - Returns: its reply.
    func run(
        _ function: String, _ inputs: [String: PropertyValue] = [:], id: String,
        _ more: [String: PropertyValue] = [:], by caller: ServiceCaller
    ) async throws -> PropertyValue {
        try await start(function, inputs, id: id, more, by: caller)
        return try await caller.reply(to: id) ?? .null
    }

    /// Waits for the log record by which a function of the execution `e<id>` says that it runs, and returns its text; empty
    /// when it has ended without one.
    func ready(_ id: String) async -> String {
        await manager.received { readyText(id) != nil }
        return readyText(id) ?? ""
    }

    private func readyText(_ id: String) -> String? {
        if let text = logs(of: id).map(\.text).first(where: { $0.hasPrefix("ready") }) { return text }
        return manager.store.operations[id]?["state"] == "response-sent" ? "" : nil
    }

    /// The log records of an execution's operation, as the manager has them.
    func logs(of id: String) -> [(level: String, text: String)] {
        manager.store.logs.filter { $0.value(at: "context.execution_id") == .string("e\(id)") }.map { record in
            (record["level"]?.stringValue ?? "", record.value(at: "message.text")?.stringValue ?? "")
        }
    }

    /// Waits until the manager has heard that an operation is in this state.
    func until(_ id: String, is state: PropertyValue) async {
        await manager.received { manager.store.operations[id]?["state"] == state }
    }

    /// Whether a process runs; one that has ended and waits for its parent to notice does not.
    static func isRunning(_ pid: Int32) -> Bool {
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let state = stat.split(separator: ")").last?.split(separator: " ").first
        else { return false }
        return state != "Z" && state != "X"
    }

    private var temporary: String { place.directory.appending(path: "temporary").path }
}
