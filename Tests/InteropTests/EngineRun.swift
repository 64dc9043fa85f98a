import AgentTestSupport
import Foundation
import Operative
import Subprocess
import Testing

/// `run_engine.py`: the workflow engine of cloudify-common, a worker and the manager for tests.
struct EngineRun {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// What was found.
    let report: PropertyValue
    /// What `cfy events list` would print.
    let transcript: String

    /// Plays a scenario in the virtual host of the running test.
    init(_ scenario: String, environment: [String: String] = [:]) async throws {
        let python = try await PythonEnvironment.interpreter()
        guard let folder = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent() else {
            throw Failure(description: "this test does not know where it was built")
        }
        let broker = RabbitMQ.current
        let file = FileManager.default.temporaryDirectory.appending(path: "engine-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        var variables: [Environment.Key: String?] = ["PYTHONDONTWRITEBYTECODE": "1"]
        for (name, value) in environment { variables[Environment.Key(stringLiteral: name)] = value }
        let result = try await Subprocess.run(
            .name("env"),
            arguments: [
                python, Command.repositoryRoot + "/Tests/InteropTests/run_engine.py", scenario,
                "--agent", folder.appending(path: "interop-agent").path,
                "--manager", folder.appending(path: "manager-test-server").path,
                "--amqp-port", "\(broker.port)", "--http-port", "\(broker.node.management.port)",
                "--vhost", broker.virtualHost, "--transcript", file.path,
            ],
            environment: .inherit.updating(variables), output: .string(limit: 1 << 26), error: .string(limit: 1 << 20))
        guard result.terminationStatus.isSuccess else { throw Failure(description: result.standardError) }
        report = try PropertyValue(json: Array(result.standardOutput.utf8))
        transcript = try String(contentsOf: file, encoding: .utf8)
    }

    /// What went wrong with a workflow, for a failed expectation.
    func story(of workflow: String) -> Comment {
        "\(report[workflow]?["error"] ?? nil)\n\(transcript)\nThe agent's log:\n\(report["agent_log"]?.stringValue ?? "")"
    }
}
