import Foundation
import OperationProcesses
import Synchronization
import Testing

/// A runner, a directory of its own, and what came of running something.
final class ProcessBench: Sendable {
    let ledger = InMemoryProcessLedger()
    let directory: String
    let runner: ProcessRunner

    init(grace: Duration = .seconds(5), ledger: (any ProcessLedger)? = nil) throws {
        directory = NSTemporaryDirectory() + "operation-processes-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        runner = ProcessRunner(ledger: ledger ?? self.ledger, launcher: nil, grace: grace)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func request(_ command: [String], environment: [String: String] = [:]) -> ProcessRequest {
        ProcessRequest(
            command: command,
            environment: ["PATH": "/usr/bin:/bin"].merging(environment) { $1 },
            workingDirectory: directory, owner: "task")
    }

    func shell(_ script: String, environment: [String: String] = [:]) -> ProcessRequest {
        request(["sh", "-c", script], environment: environment)
    }

    struct Seen: Sendable {
        var end: ProcessEnd?
        var output: [String] = []
        var errors: [String] = []
    }

    /// Runs it to its end.
    func run(_ request: ProcessRequest) async throws -> Seen {
        let seen = Mutex(Seen())
        let end = try await runner.run(
            request, onStart: { _ in },
            onLine: { channel, line in
                seen.withLock { channel == .output ? $0.output.append(line) : $0.errors.append(line) }
            })
        return seen.withLock { seen in
            seen.end = end
            return seen
        }
    }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(directory)/\(name)") }

    func contents(_ name: String) -> String? { try? String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8) }

    /// Waits until a condition holds.
    func until(_ what: String, _ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while !condition() {
            try #require(ContinuousClock.now < deadline, "\(what) did not come")
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// The processes on the machine whose environment has this variable.
    static func processes(with variable: String) -> [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.filter { pid in
            guard let environment = FileManager.default.contents(atPath: "/proc/\(pid)/environ") else { return false }
            return environment.split(separator: 0).contains { $0.elementsEqual(variable.utf8) }
        }
    }
}
