import AgentProtocol
import Foundation
import Logging
import ManagerTestServer
import Operative
import PythonPlugins
import Testing

@Suite("Plugins by operation", .timeLimit(.minutes(5)))
struct AgentOperationsTests {
    /// A task, and nothing else.
    private struct TaskOnly: OperationBackend, ManagerlessAccess {
        let operationTask: OperationTask

        var manager: any ManagerAccess { self }
        var isAnswered: Bool { false }
        func render(_ template: String, variables: [String: TemplateValue]) async throws -> String { template }
        func sendEvent(_ message: String) {}
        func node(_ id: String, instance: String?) async throws -> NodeRecord { throw refusal("A node") }
        func nodeInstance(_ id: String) async throws -> NodeInstanceRecord { throw refusal("An instance") }
        func storeRuntimeProperties(
            _ properties: [String: PropertyValue], of record: NodeInstanceRecord
        ) async throws -> NodeInstanceRecord { throw refusal("An instance") }
    }

    private func outcome(
        of name: String, _ inputs: [String: PropertyValue], at place: InstallationPlace
    ) async throws -> OperationOutcome {
        let operations = AgentOperations(installer: place.installer()) { task in
            try place.caller(deployment: task.deploymentID, blueprint: task.blueprintID).manager
        }
        let operation = try #require(operations.operations.first { $0.name == name })
        let value: PropertyValue = [
            "task_name": .string(name), "task_id": "1", "tenant": ["name": "t"], "deployment_id": "d1",
            "blueprint_id": "bp",
        ]
        let facts = OperationTaskContext(value).facts()
        let context = OperationContext(
            taskName: name, operationName: nil, retryNumber: 0, maxRetries: 0, facts: { facts },
            backend: TaskOnly(operationTask: OperationTask(key: "1", context: value)), logger: place.log.logger)
        return await perform(operation, in: context, inputs: OperationInputs { inputs })
    }

    @Test("Each plugin of the list is installed for the deployment, and removed again; the log says so")
    func installAndUninstall() async throws {
        let place = try await InstallationPlace()
        let plugins: PropertyValue = [["name": "tiny", "source": "tiny", "install_arguments": "-r requirements.txt"]]
        let installed = try await outcome(
            of: "cloudify_agent.operations.install_plugins", ["plugins": plugins], at: place)
        #expect(installed == .succeeded(.null))
        #expect(place.root.text("source_plugins/t/d1/tiny/0.0.0/plugin.id") == "source-d1")
        #expect(place.log.lines.contains("Installing plugin: tiny"))
        #expect(place.log.lines.contains("Installing plugin from source: tiny"))

        let removed = try await outcome(
            of: "cloudify_agent.operations.uninstall_plugins", ["plugins": plugins], at: place)
        #expect(removed == .succeeded(.null))
        #expect(!place.root.has("source_plugins/t/d1/tiny"))
        #expect(place.log.lines.contains("Uninstalling plugin: tiny"))
        await place.close()
    }

    @Test("A restart is not needed, and cannot be one under another name; monitoring that is gone does nothing")
    func nothingToDo() async throws {
        let place = try await InstallationPlace()
        #expect(try await outcome(of: "cloudify_agent.operations.restart", [:], at: place) == .succeeded(.null))
        #expect(try await outcome(of: "diamond_agent.tasks.install", ["x": 1], at: place) == .succeeded(.null))
        let renamed = try await outcome(of: "cloudify_agent.operations.restart", ["new_name": "other"], at: place)
        guard case .failed(let failure) = renamed else {
            Issue.record("\(renamed)")
            return
        }
        #expect(failure.kind == .nonRecoverable)
        await place.close()
    }
}
