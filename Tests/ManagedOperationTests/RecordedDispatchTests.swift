import AgentTestSupport
import Foundation
import Glibc
import Logging
import ManagerTestServer
import OperationProcesses
import Operative
import PythonPlugins
import Testing

/// What the dispatched process of the original was given and has left, against what is left when this agent dispatches.
@Suite("Recorded dispatches", .timeLimit(.minutes(5)))
struct RecordedDispatchTests {
    private static let recordings = [
        "exit3", "http", "missing_fn", "none", "nonrecoverable", "ok", "plain", "recoverable", "recoverable_after",
        "retry", "stop_agent",
    ]

    @Test("Exit status, output.json and what was printed are those that were recorded", arguments: ["cold", "warm"])
    func recorded(_ way: String) async throws {
        // As the agent does: a parent that is gone must not end this process.
        signal(SIGPIPE, SIG_IGN)
        let directory = NSTemporaryDirectory() + "dispatch-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let ledger = InMemoryProcessLedger()
        let cold = ColdDispatcher(runner: ProcessRunner(ledger: ledger, launcher: nil))
        let refusing = RefusingDispatcher()
        let warm = WarmDispatcher(
            cold: refusing, ledger: ledger, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let dispatcher: any PythonDispatcher = way == "warm" ? warm : cold
        let server = try await TestManager()
        for name in Self.recordings { try await replay(name, by: dispatcher, directory, server) }
        await warm.close()
        await server.goDown()
        #expect(ledger.groups.isEmpty)
    }

    private func replay(
        _ name: String, by dispatcher: any PythonDispatcher, _ place: String, _ server: TestManager
    ) async throws {
        let resources = try #require(Bundle.module.resourceURL)
        let file = resources.appending(path: "Fixtures/dispatch/\(name).json")
        let fixture = try PropertyValue(json: Array(Data(contentsOf: file)))
        let directory = "\(place)/\(name)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let input = try #require(fixture["input.json"]).jsonString
            .replacing("\"rest_port\":28080", with: "\"rest_port\":\(server.port)")
        try input.write(toFile: "\(directory)/input.json", atomically: false, encoding: .utf8)
        server.change { store in
            store.addNode("app")
            store.addInstance("app_f43gsv", node: "app")
        }
        let python = try await TestPython.interpreter()
        let certificate = "\(place)/ca.pem"
        try "none".write(toFile: certificate, atomically: false, encoding: .utf8)
        let environment = [
            "PATH": python.dropLast("/python".count) + ":/usr/bin:/bin", "HOME": place, "AGENT_NAME": "host_agent1",
            "AGENT_WORK_DIR": place, "LOCAL_REST_CERT_FILE": certificate, "REST_PROTOCOL": "http",
            "PYTHONPATH": resources.path + "/Fixtures/python", "PYTHONDONTWRITEBYTECODE": "1",
            "CLOUDIFY_DISPATCH": "true",
        ]
        let log = "\(directory)/log"
        let request = DispatchRequest(
            interpreter: python, directory: directory, environment: environment, logFile: log, owner: name,
            plugin: PluginEnvironment(interpreter: python))
        let end = try await dispatcher.run(request) { _ in }
        #expect(end == .exited(Int32(fixture["exit_code"]?.intValue ?? -1)), "\(name)")
        let output = FileManager.default.contents(atPath: "\(directory)/output.json")
        let left = try output.map { try PropertyValue(json: Array($0)) } ?? .null
        #expect(comparable(left) == comparable(fixture["output.json"] ?? .null), "\(name)")
        let printed = FileManager.default.contents(atPath: log).map { String(decoding: $0, as: UTF8.self) } ?? ""
        #expect(errors(in: printed) == errors(in: fixture["stdout_and_stderr"]?.stringValue ?? ""), "\(name)")
    }

    /// The last line of a traceback only: the recording has places of another machine before it.
    private func comparable(_ output: PropertyValue) -> PropertyValue {
        guard var members = output.objectValue, var payload = members["payload"]?.objectValue,
            let traceback = payload["traceback"]?.stringValue
        else { return output }
        payload["traceback"] = .string(traceback.split(separator: "\n").last.map(String.init) ?? "")
        members["payload"] = .object(payload)
        return .object(members)
    }

    /// The lines that name what was raised, without their times.
    private func errors(in text: String) -> [Substring] {
        text.split(separator: "\n").compactMap { line -> Substring? in
            if let match = line.firstMatch(of: /:(ERROR|WARNING|INFO): .*/) { return match.output.0 }
            return line.hasPrefix("cloudify.exceptions.") ? line : nil
        }
    }
}

/// Nothing may be left to the other way.
private struct RefusingDispatcher: PythonDispatcher {
    func run(
        _ request: DispatchRequest, onStart: @escaping @Sendable (RunningProcess) async -> Void
    ) async throws -> ProcessEnd {
        throw ProcessFailure("\(request.owner) was to be run cold")
    }
}
