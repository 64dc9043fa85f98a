import AgentTestSupport
import Foundation
import Subprocess
import Testing

/// A short round of `make torture`: an agent process that dies once at every named step of a task's way, and as often at a random moment.
@Suite("An agent that is killed under load", .timeLimit(.minutes(10)))
struct KillTests {
    @Test("Every task has one answer, nothing is started twice, and nothing that was answered runs again")
    func killedAnywhere() async throws {
        let python = try await PythonEnvironment.interpreter()
        let folder = try #require(Bundle.main.executableURL).resolvingSymlinksInPath().deletingLastPathComponent()
        let script = Command.repositoryRoot + "/Benchmarks/torture.py"
        let result = try await Subprocess.run(
            .name("env"),
            arguments: [python, script, folder.appending(path: "bench-agent").path, "--minutes", "0", "--kills", "26"],
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        let output = result.standardOutput + result.standardError
        #expect(result.terminationStatus.isSuccess, "\(output)")
        #expect(output.contains("lost 0, contradicting replies 0, started twice 0, run again after the reply 0"))
    }
}
