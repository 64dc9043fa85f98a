import AgentTestSupport
import CtxClient
import Dispatch
import Foundation
import Operative
import Subprocess

/// Where the programs of these tests are.
enum Programs {
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    /// Operative's own `ctx`, which is built beside the tests.
    static func ctx() throws -> String {
        guard let folder = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent() else {
            throw Missing(description: "this test does not know where it was built")
        }
        let path = folder.appending(path: "ctx").path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw Missing(description: "\(path) is missing: run swift build --product ctx")
        }
        return path
    }

    /// The directory with Python and Cloudify's own `ctx` and `ctx-sh`.
    static func python() async throws -> String {
        let output = try await Command.run(Command.repositoryRoot + "/scripts/python-env", [])
        guard let path = output.split(separator: "\n").last else { throw Missing(description: "no Python environment") }
        return URL(filePath: String(path)).deletingLastPathComponent().path
    }

    /// Runs Python code that reads JSON from the file that is its argument, and prints JSON.
    static func evaluate(_ code: String, input: PropertyValue) async throws -> PropertyValue {
        let file = FileManager.default.temporaryDirectory.appending(path: "ctx-\(UUID().uuidString).json")
        try Data(input.json).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let output = try await Command.run(try await python() + "/python", ["-c", code, file.path])
        return try PropertyValue(json: Array(output.utf8))
    }
}

/// How a program ended and what it wrote.
struct ProgramRun: Sendable {
    let status: Int32
    let output: String
    let complaint: String
}

/// Runs a shell script to its end.
func shell(_ script: String, _ environment: [String: String], path: [String] = []) async throws -> ProgramRun {
    var variables = environment
    variables["PATH"] = (path + ["/usr/local/bin", "/usr/bin", "/bin"]).joined(separator: ":")
    // Through env, with nothing but what is given here.
    let assignments = variables.map { "\($0.key)=\($0.value)" }
    let result = try await Subprocess.run(
        .name("env"), arguments: Arguments(["-i"] + assignments + ["/bin/bash", "-c", script]),
        output: .string(limit: 4 << 20), error: .string(limit: 1 << 20))
    let status: Int32 = if case .exited(let code) = result.terminationStatus { Int32(code) } else { -1 }
    return ProgramRun(status: status, output: result.standardOutput, complaint: result.standardError)
}

/// Runs what blocks where it keeps nobody from working.
func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(with: Swift.Result(catching: body)) }
    }
}
