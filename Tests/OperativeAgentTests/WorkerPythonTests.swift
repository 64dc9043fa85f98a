import AgentTestSupport
import Foundation
import Glibc
import ManagerTestServer
import Operative
import Testing

/// Operations in Python by the agent's program, as a manager sees them.
@Suite("A Cloudify agent and operations in Python", .rabbitMQ, .timeLimit(.minutes(5)))
struct WorkerPythonTests {
    private let broker = RabbitMQ.current

    @Test(
        "A function is run, cancelled and ended when its time is up, by a new Python for each and by one that waits",
        arguments: ["cold", "warm"])
    func operations(_ dispatcher: String) async throws {
        let place = try await WorkerPlace(broker)
        defer { place.remove() }
        let environment = try await environment(place, dispatcher)
        let manager = try await manager()
        let broker = broker
        try await ServiceCaller.with(broker) { caller in
            let end = try await AgentProcess.runWorker(place, environment: environment) { agent in
                #expect(await agent.log.contains("Ready"))
                try await start("echo", ["a": 1], id: "1", manager, caller)
                let echo = try await caller.reply(to: "1")
                #expect(echo?.value(at: "result.kwargs") == ["a": 1])

                try await start("stubborn", id: "2", manager, caller)
                let child = try #require(Int32(await ready(2, manager).split(separator: " ").last ?? ""))
                #expect(isRunning(child))
                _ = try await caller.call("cancel-operation", ["execution_id": "e2"])
                await untilState("response-sent", of: "2", manager)
                #expect(!isRunning(child))

                try await start("sleeper", id: "3", timeout: 1, manager, caller)
                let late = try await caller.reply(to: "3")
                #expect(late?.value(at: "error.message") == "Process killed due to timeout of 1 seconds")
            }
            #expect(end.exitCode == 0, "\(end.log)")
        }
        #expect(try names(place) == [])
        await manager.goDown()
    }

    @Test(
        "An agent that is killed with an operation leaves nothing of it to the next start: no process, no directory with a token; and the function that cannot be resumed says so",
        arguments: ["cold", "warm"])
    func killed(_ dispatcher: String) async throws {
        let place = try await WorkerPlace(broker)
        defer { place.remove() }
        let environment = try await environment(place, dispatcher)
        let manager = try await manager()
        let broker = broker
        try await ServiceCaller.with(broker) { caller in
            let first = try await AgentProcess.runWorker(place, environment: environment) { agent in
                #expect(await agent.log.contains("Ready"))
                try await start("stubborn", id: "1", manager, caller)
                let child = try #require(Int32(await ready(1, manager).split(separator: " ").last ?? ""))
                kill(agent.processID, SIGKILL)
                await agent.log.untilEnd()
                #expect(isRunning(child))
            }
            #expect(first.exitCode == nil)
            let left = try names(place)
            #expect(left.count == 1 && left[0].hasPrefix("task-edgeplugin.stubborn-"), "\(left)")
            let second = try await AgentProcess.runWorker(place, environment: environment) { agent in
                let reply = try await caller.reply(to: "1")
                let message = reply?.value(at: "error.message")?.stringValue ?? ""
                #expect(message.hasPrefix("Cannot resume - operation not resumable: <function stubborn"), "\(message)")
                #expect(try names(place) == [])
            }
            #expect(second.exitCode == 0, "\(second.log)")
        }
        let child = try #require(Int32(await ready(1, manager).split(separator: " ").last ?? ""))
        #expect(!isRunning(child))
        await manager.goDown()
    }

    private func environment(_ place: WorkerPlace, _ dispatcher: String) async throws -> [String: String] {
        let temporary = place.directory.appending(path: "temporary").path
        try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
        // Python wants to see one, though nothing here is encrypted.
        try "none".write(toFile: place.restAuthorityFile, atomically: false, encoding: .utf8)
        return [
            "REST_PROTOCOL": "http", "CFY_EXEC_TEMP": temporary,
            "OPERATIVE_PYTHON_INTERPRETER": try await TestPython.interpreter(),
            "OPERATIVE_PYTHON_DISPATCHER": dispatcher, "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": Command.repositoryRoot + "/Tests/ManagedOperationTests/Fixtures/python",
        ]
    }

    /// Whether a process runs; one that has ended and waits for its parent to notice does not.
    private func isRunning(_ pid: Int32) -> Bool {
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let state = stat.split(separator: ")").last?.split(separator: " ").first
        else { return false }
        return state != "Z" && state != "X"
    }

    /// What operations have left where temporary files are.
    private func names(_ place: WorkerPlace) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: place.directory.appending(path: "temporary").path)
    }

    private func manager() async throws -> TestManager {
        let manager = try await TestManager()
        manager.change { store in
            for number in 1...3 {
                store.executions["e\(number)"] = ["id": .string("e\(number)"), "status": "started"]
                store.operations["\(number)"] = ["id": .string("\(number)"), "state": "sent"]
            }
        }
        return manager
    }

    private func start(
        _ function: String, _ inputs: [String: PropertyValue] = [:], id: String, timeout: PropertyValue = .null,
        _ manager: TestManager, _ caller: ServiceCaller
    ) async throws {
        let context: [String: PropertyValue] = [
            "execution_id": .string("e\(id)"), "execution_token": "token", "rest_token": "token",
            "rest_host": ["127.0.0.1"], "rest_port": .integer(manager.port), "tenant": ["name": "default_tenant"],
            "timeout": timeout,
        ]
        try await caller.start(
            "edgeplugin.ops.\(function)", inputs, id: id, context: context)
    }

    /// Waits for the log record by which a function of this execution says that it runs, and returns its text; empty
    /// when it has ended without one.
    private func ready(_ execution: Int, _ manager: TestManager) async -> String {
        while true {
            let count = manager.requests.count
            for record in manager.store.logs where record.value(at: "context.execution_id") == .string("e\(execution)")
            {
                let text = record.value(at: "message.text")?.stringValue ?? ""
                if text.hasPrefix("ready") { return text }
            }
            if manager.store.operations["\(execution)"]?["state"] == "response-sent" { return "" }
            await manager.received(count + 1)
        }
    }

    private func untilState(_ state: PropertyValue, of operation: String, _ manager: TestManager) async {
        while true {
            let count = manager.requests.count
            if manager.store.operations[operation]?["state"] == state { return }
            await manager.received(count + 1)
        }
    }
}
