import AgentTestSupport
import Foundation
import OperationProcesses
import PythonPlugins

/// A folder with modules of a plugin, and runs of its functions.
struct PluginFolder: Sendable {
    /// What one run left behind.
    struct Outcome: Equatable {
        let end: ProcessEnd
        /// `output.json`; nil when there is none.
        let output: String?
        /// What was written to the log file, without times and addresses.
        let log: String
    }

    let path: String
    let interpreter: String

    init(_ modules: [String: String] = [:]) async throws {
        path = FileManager.default.temporaryDirectory.appending(path: "warm-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path + "/modules", withIntermediateDirectories: true)
        let output = try await Command.run(Command.repositoryRoot + "/scripts/python-env", [])
        interpreter = output.split(separator: "\n").last.map(String.init) ?? "python3"
        for (name, text) in modules { try write(name, text) }
    }

    /// Writes a module; a new file each time, as installers do.
    func write(_ module: String, _ text: String) throws {
        try text.write(toFile: "\(path)/modules/\(module).py", atomically: true, encoding: .utf8)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func contents(_ name: String) -> String? { try? String(contentsOfFile: file(name), encoding: .utf8) }

    func request(_ function: String, variables: [String: String] = [:]) throws -> DispatchRequest {
        let id = UUID().uuidString
        let directory = file(id)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let input = """
            {"cloudify_context": {"type": "operation", "task_id": "t", "task_name": "\(function)", "execution_id": "e", \
            "tenant": {"name": "t"}, "rest_host": ["127.0.0.1"], "rest_port": 1, "rest_token": "x", "deployment_id": "d", \
            "operation": {"name": "o", "retry_number": 0, "max_retries": 0}, "local": false}, "args": [], \
            "kwargs": {"folder": "\(path)"}}
            """
        try input.write(toFile: "\(directory)/input.json", atomically: false, encoding: .utf8)
        let environment = ["PATH": "/usr/bin:/bin", "PYTHONPATH": path + "/modules", "CLOUDIFY_DISPATCH": "true"]
        return DispatchRequest(
            interpreter: interpreter, directory: directory, environment: environment.merging(variables) { $1 },
            logFile: "\(directory)/log", owner: id, plugin: PluginEnvironment(interpreter: interpreter))
    }

    func run(
        _ function: String, by dispatcher: any PythonDispatcher, variables: [String: String] = [:],
        onStart: @escaping @Sendable (RunningProcess) async -> Void = { _ in }
    ) async throws -> Outcome {
        let request = try request(function, variables: variables)
        let end = try await dispatcher.run(request, onStart: onStart)
        let output = try? String(contentsOfFile: request.directory + "/output.json", encoding: .utf8)
        let log = (try? String(contentsOfFile: request.directory + "/log", encoding: .utf8)) ?? ""
        let plain = log.replacing(request.directory, with: "<directory>")
            .replacing(#/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+/#, with: "<time>").replacing(
                #/0x[0-9a-f]+/#, with: "<address>")
        try? FileManager.default.removeItem(atPath: request.directory)
        return Outcome(end: end, output: output?.replacing(request.directory, with: "<directory>"), log: plain)
    }
}

extension PluginFolder.Outcome {
    /// The value that the function returned, as JSON text.
    var payload: String? {
        output?.firstMatch(of: #/"payload": (.*)}$/#).map { String($0.1) }
    }
}
