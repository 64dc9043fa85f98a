import Foundation
import OperationProcesses
import Operative
import OperativeTestKit
import ScriptPlugin
import Testing

/// What becomes of everything that a script has started.
@Suite("Trees of processes", .timeLimit(.minutes(3)), .serialized)
struct ScriptTreeTests {
    private let stage: ScriptStage
    private let environment = TestEnvironment(node: "web")

    init() throws { stage = try ScriptStage() }

    /// Three deep, deaf to SIGTERM, in a session of its own at the end, and writing as fast as it can.
    private static let stubborn = """
        trap '' TERM
        echo $$ >> "$PIDS"
        sh -c '
            trap "" TERM
            echo $$ >> "$PIDS"
            setsid sh -c "
                trap \\"\\" TERM
                echo \\$\\$ >> \\"\\$PIDS\\"
                while :; do echo flood flood flood flood flood flood flood flood flood flood; done
            " &
            while :; do echo deeper deeper deeper deeper deeper deeper deeper deeper; done
        ' &
        while :; do echo deep deep deep deep deep deep deep deep deep deep deep; done
        """

    @Test(
        "Cancelling ends a tree that forks three deep, ignores SIGTERM and floods its output; the next operation runs")
    func cancelled() async throws {
        let list = stage.work + "/pids"
        let plugin = stage.plugin(stage.settings(["PIDS": list]), grace: .milliseconds(300))
        let running = Task { await stage.run(Self.stubborn, in: environment, plugin: plugin) }
        try await waitUntil { pids(list).count == 3 && environment.logs.contains { $0.message.contains("flood") } }
        running.cancel()
        #expect(await running.value.outcome == .cancelled)
        let left = pids(list).filter { isRunning($0) }
        #expect(left == [])
        #expect(stage.leftovers == [])
        #expect(stage.ledger.groups.isEmpty)
        #expect(await stage.run("ctx returns on", in: TestEnvironment(node: "web"), plugin: plugin).value == "on")
    }

    @Test("A script whose time is up is ended with its tree, and the workflow is told in the words it knows")
    func timedOut() async throws {
        let list = stage.work + "/pids"
        var task = TestTask()
        task.timeout = .seconds(2)
        let environment = TestEnvironment(TestInstance(node: "web"), task: task)
        let plugin = stage.plugin(stage.settings(["PIDS": list]), grace: .milliseconds(300))
        let failure = try #require(await stage.run(Self.stubborn, in: environment, plugin: plugin).failure)
        #expect(failure.message == "Process killed due to timeout of 2 seconds")
        #expect(failure.type == "NonRecoverableError" && !failure.isRecoverable && failure.causes.isEmpty)
        #expect(pids(list).filter { isRunning($0) } == [])
        #expect(stage.leftovers == [])
    }

    @Test("What a script that ended has left in the background lives on, and does not hold the operation up")
    func background() async throws {
        let result = await stage.run("sleep 300 & ctx returns $!", in: environment)
        let pid = try #require(
            result.value.flatMap { $0.stringValue.flatMap { Int32($0) } ?? $0.intValue.map(Int32.init) })
        #expect(isRunning(pid))
        kill(pid, SIGKILL)
    }

    private func pids(_ list: String) -> [Int32] {
        ((try? String(contentsOfFile: list, encoding: .utf8)) ?? "").split(separator: "\n").compactMap { Int32($0) }
    }

    /// Zombies have ended; who has to wait for them may be another process.
    private func isRunning(_ pid: Int32) -> Bool {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let name = text.lastIndex(of: ")")
        else { return false }
        return !text[name...].hasPrefix(") Z")
    }
}
