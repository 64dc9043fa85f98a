import AgentTestSupport
import Testing

/// The sending side of a Cloudify manager, cloudify-common as PyPI has it, against an agent process. What is checked, and how, is in
/// `manager/`.
@Suite("Interoperation with cloudify-common", .rabbitMQ, .timeLimit(.minutes(10)))
struct InteropTests {
    @Test(
        "A Cloudify manager drives the agent and understands all that it answers",
        arguments: [RetryMode.reply, .requeue])
    func manager(_ mode: RetryMode) async throws {
        let python = try await PythonEnvironment.interpreter()
        let agent = try AgentProcess(queue: "interop", retryMode: mode)
        try await agent.createUser()
        let run = try await agent.whileRunning { try await ManagerClient(python: python).check(agent) }
        for check in run.report.checks where !check.passed {
            Issue.record("\(check.name)\n\(check.detail ?? "")\nThe agent's log:\n\(run.log)")
        }
        #expect(!run.report.checks.isEmpty)
        #expect(run.report.isSuccess, "\(run.report.errors)\nThe agent's log:\n\(run.log)")
        // Told by a signal, or by the operation that stops an agent.
        #expect(run.isSuccess, "the agent ended with \(run.status)\n\(run.log)")
    }
}

/// The agent's setting `retry.mode`.
enum RetryMode: String {
    case reply, requeue
}
