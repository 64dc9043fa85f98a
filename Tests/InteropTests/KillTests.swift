import AgentTestSupport
import Foundation
import Subprocess
import Testing

/// A short round of `make torture`: an agent process that dies once at every named step of a task's way, and as often at a random moment;
/// and one whose operations run in processes of their own.
@Suite("An agent that is killed under load", .timeLimit(.minutes(10)))
struct KillTests {
    @Test("Every task has one answer, nothing is started twice, and nothing that was answered runs again")
    func killedAnywhere() async throws {
        let output = try await run("torture.py", ["bench-agent"], kills: 26)
        #expect(output.contains("lost 0, contradicting replies 0, started twice 0, run again after the reply 0"))
    }

    @Test("Of scripts and Python functions nothing is left: no directory, and no process that was not left on purpose")
    func killedWithProcesses() async throws {
        let output = try await run("torture_processes.py", ["interop-agent", "manager-test-server"], kills: 3)
        #expect(output.contains("orphans 0, ended servers 0, left 0, zombies 0"))
    }

    /// - Returns: what the driver has printed.
    private func run(_ driver: String, _ programs: [String], kills: Int) async throws -> String {
        let folder = try #require(Bundle.main.executableURL).resolvingSymlinksInPath().deletingLastPathComponent()
        let words =
            [try await PythonEnvironment.interpreter(), "\(Command.repositoryRoot)/Benchmarks/\(driver)"]
            + programs.map { folder.appending(path: $0).path } + ["--minutes", "0", "--kills", "\(kills)"]
        let result = try await Subprocess.run(
            .name("env"), arguments: Arguments(words), output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        let output = result.standardOutput + result.standardError
        #expect(result.terminationStatus.isSuccess, "\(output)")
        return output
    }
}
