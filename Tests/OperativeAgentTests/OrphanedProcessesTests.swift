import AgentExecutors
import Foundation
import Logging
import OperationProcesses
import Testing

@testable import Journal
@testable import OperativeAgent

@Suite("Processes that a killed agent has left")
struct OrphanedProcessesTests {
    @Test("What runs for an unfinished operation is ended at the start; what a finished one has left is not")
    func orphans() async throws {
        let path = NSTemporaryDirectory() + "orphans-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let ledger = JournalProcessLedger(journal: try SQLiteJournal(path: "\(path)/journal.db", isFresh: true))
        let runner = ProcessRunner(ledger: ledger, launcher: nil, grace: .milliseconds(300))
        func request(_ script: String) -> ProcessRequest {
            ProcessRequest(
                command: ["sh", "-c", script], environment: ["PATH": "/usr/bin:/bin"], workingDirectory: path,
                owner: "task")
        }
        _ = try await runner.run(
            request("sleep 600 >/dev/null 2>&1 & echo $! > server"), onStart: { _ in }, onLine: { _, _ in })
        let text = try String(contentsOfFile: "\(path)/server", encoding: .utf8)
        let server = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        defer { kill(server, SIGKILL) }
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        let running = Task {
            try await runner.run(
                request("trap '' TERM; (setsid sleep 600 &); echo ready; sleep 600"), onStart: { _ in },
                onLine: { _, line in continuation.yield(line) })
        }
        for await _ in lines { break }
        let recorded = try ledger.left()
        #expect(recorded.map(\.owner) == ["task"])
        let group = try ProcessGroup(leader: try #require(recorded.last).group.pid)
        await OrphanedProcesses(
            ledger: ledger, timers: TimerThread(), grace: .milliseconds(300), logger: Logger(label: "test")
        ).end()
        #expect(!group.isLeaderRunning)
        running.cancel()
        #expect(try await running.value == .signalled(SIGKILL))
        await ledger.journal.close()
        #expect(try ledger.left().isEmpty)
        #expect(kill(server, 0) == 0)
    }
}
