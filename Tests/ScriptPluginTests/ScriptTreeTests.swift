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

    @Test("Many at once leave no file, descriptor or process")
    func many() async throws {
        try await run(count: 60, width: 8) { openDescriptors.count { $0.contains(stage.directory) } }
    }

    @Test(
        "A thousand at a width of eight leave no file, descriptor, process or memory",
        .enabled(if: ProcessInfo.processInfo.environment["OPERATIVE_LONG_TESTS"] != nil), .timeLimit(.minutes(20)))
    func thousand() async throws {
        // Run alone: nothing else opens anything meanwhile.
        try await run(count: 200, width: 8) { openDescriptors.count }
        let before = residentBytes
        try await run(count: 1000, width: 8) { openDescriptors.count }
        let grown = residentBytes - before
        print("1000 script operations: resident memory grew by \(grown >> 10) KiB")
        #expect(grown < 16 << 20)
    }

    private func run(count: Int, width: Int, descriptors: () -> Int) async throws {
        let plugin = stage.plugin()
        // The first operation opens what stays open.
        #expect(await stage.run("ctx node id", in: TestEnvironment(node: "web"), plugin: plugin).value == .null)
        let before = descriptors()
        var failures: [String] = []
        await withTaskGroup(of: String?.self) { group in
            for number in 0..<count {
                if number >= width, let failure = await group.next() ?? nil { failures.append(failure) }
                group.addTask {
                    let result = await stage.run(
                        "ctx node id; ctx instance runtime-properties n @\(number); ctx returns @\(number)",
                        in: TestEnvironment(node: "web"), plugin: plugin)
                    return result.value == .integer(number) ? nil : "\(result.outcome)"
                }
            }
            for await failure in group.compactMap(\.self) { failures.append(failure) }
        }
        #expect(failures == [])
        #expect(stage.leftovers == [])
        #expect(stage.ledger.groups.isEmpty)
        try await waitUntil { descriptors() <= before }
        #expect(children == [])
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

    /// What this process has open.
    private var openDescriptors: [String] {
        let manager = FileManager.default
        return ((try? manager.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []).compactMap {
            try? manager.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
        }
    }

    /// This process's children that are scripts of this stage.
    private var children: [String] {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.compactMap { Int32($0) }.compactMap { pid in
            guard isRunning(pid), let line = try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8),
                line.contains(stage.temporary)
            else { return nil }
            return line
        }
    }

    private var residentBytes: Int {
        let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
            .dropFirst().first
        return (pages.flatMap { Int($0) } ?? 0) * 4096
    }
}
