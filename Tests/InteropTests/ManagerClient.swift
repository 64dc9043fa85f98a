import AgentTestSupport
import Foundation
import Subprocess

/// `manager_client.py`: the checks, made with a manager's own code.
struct ManagerClient {
    /// What a run of the checks said.
    struct Report: Sendable {
        /// A line of its output.
        struct Check: Sendable, Decodable {
            let name: String
            let passed: Bool
            let detail: String?
        }

        let checks: [Check]
        let isSuccess: Bool
        let errors: String
    }

    /// The interpreter of the environment with cloudify-common.
    let python: String

    /// Runs all checks for the agent's retry mode.
    func check(_ agent: AgentProcess) async throws -> Report {
        let broker = RabbitMQ.current
        let tests = Command.repositoryRoot + "/Tests"
        let result = try await Subprocess.run(
            .name("env"),
            arguments: [
                python, tests + "/InteropTests/manager_client.py", agent.retryMode.rawValue, "--host", broker.host,
                "--port", "\(broker.port)", "--vhost", broker.virtualHost, "--username", broker.username,
                "--password", broker.password, "--queue", agent.queue,
                "--fixtures", tests + "/AgentProtocolTests/Fixtures/logs_events",
            ],
            environment: .inherit.updating(["PYTHONDONTWRITEBYTECODE": "1"]),
            output: .string(limit: 1 << 22), error: .string(limit: 1 << 22))
        let checks = try result.standardOutput.split(separator: "\n").map { line in
            try JSONDecoder().decode(Report.Check.self, from: Data(line.utf8))
        }
        return Report(
            checks: checks, isSuccess: result.terminationStatus.isSuccess, errors: result.standardError)
    }
}
