import AgentTestSupport
import Foundation
import Glibc
import OperationProcesses
import Testing

@Suite("The agent's own memory and environment", .timeLimit(.minutes(3)))
struct AgentMemoryTests {
    /// Any user but root.
    private static let user: UInt32 = 65534

    @Test(
        "Another process of the agent's user can read neither, and the agent works all the same",
        .root, .programs(runBy: "\(user)"))
    func closed() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "memory-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try OpenPrograms.copy(["interop-agent", "ctx", "operation-launcher"], to: directory)
        let program = "\(directory)/interop-agent"
        let state = "\(directory)/state"
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        try #require(chown(state, Self.user, Self.user) == 0)
        let nothing = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(nothing) }
        func start(_ command: [String], _ environment: [String: String] = [:]) throws -> ChildProcess {
            let prefix = ["setpriv", "--reuid=\(Self.user)", "--regid=\(Self.user)", "--clear-groups"]
            return try ChildProcess(
                prefix + command, environment: environment.merging(["PATH": "/usr/bin:/bin"]) { $1 }, input: nothing,
                output: nothing, error: nothing)
        }
        // No broker is there: it keeps trying to connect.
        let agent = try start(
            [program, "run"],
            [
                "OPERATIVE_NAME": "agent_1", "OPERATIVE_BROKER_HOSTS": "127.0.0.1:1",
                "OPERATIVE_BROKER_PASSWORD": "secret", "OPERATIVE_STATE_DIRECTORY": state,
            ])
        defer { agent.kill() }
        let deadline = ContinuousClock.now + .seconds(60)
        // It answers over a socket that it has made by way of its own files in /proc.
        while await (try? Command.run(program, ["status", "--json", "--state-directory", state])) == nil {
            try #require(ContinuousClock.now < deadline, "the agent does not answer")
            try await Task.sleep(for: .milliseconds(50))
        }
        let other = try start(["sleep", "600"])
        defer { other.kill() }
        let readsOther = "until head -c 1 /proc/\(other.pid)/environ > /dev/null; do sleep 0.01; done"
        #expect(try await start(["sh", "-c", readsOther]).end() == .exited(0))
        for file in ["environ", "mem", "maps"] {
            #expect(try await start(["sh", "-c", "exec < /proc/\(agent.pid)/\(file)"]).end() != .exited(0), "\(file)")
        }
    }
}
