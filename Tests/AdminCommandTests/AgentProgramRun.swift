import AgentTestSupport
import Foundation
import Operative
import Subprocess

/// The program `interop-agent` with a state directory of its own: once as the running agent, and as often as wanted as the command line that asks it.
struct AgentProgramRun {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// What a command said and how it ended.
    struct CommandResult {
        let status: TerminationStatus
        let output: String
        let error: String

        var code: Int32? { if case .exited(let code) = status { code } else { nil } }
        var json: PropertyValue? { try? PropertyValue(json: Array(output.utf8)) }
    }

    let stateDirectory: String
    private let brokerPort: Int
    private let path: String

    init(brokerPort: Int) throws {
        self.brokerPort = brokerPort
        stateDirectory = FileManager.default.temporaryDirectory.appending(path: "admin-\(UUID().uuidString)").path
        guard let folder = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent() else {
            throw Failure(description: "this test does not know where it was built")
        }
        path = folder.appending(path: "interop-agent").path
    }

    /// Runs the agent around `body`, which has to see to its end; it is killed when `body` throws.
    ///
    /// - Returns: how the agent ended.
    func whileRunning(_ body: (pid_t) async throws -> Void) async throws -> TerminationStatus {
        let result = try await Subprocess.run(
            .name("env"), arguments: [path, "run"], environment: environment, input: .none, output: .discarded,
            error: .string(limit: 1 << 22)
        ) { execution -> Result<Void, any Error> in
            do {
                // Only the process identifier is taken on: the agent is asked through its socket.
                try await body(pid_t(execution.processIdentifier.value))
                return .success(())
            } catch {
                try? execution.send(signal: .kill)
                return .failure(error)
            }
        }
        if case .failure(let error) = result.closureResult {
            throw Failure(description: "\(error)\nThe agent's log:\n\(result.standardError)")
        }
        return result.terminationStatus
    }

    func command(_ arguments: String..., through prefix: [String] = []) async throws -> CommandResult {
        let result = try await Subprocess.run(
            .name("env"), arguments: Arguments(prefix + [path] + arguments), environment: environment, input: .none,
            output: .string(limit: 1 << 22), error: .string(limit: 1 << 20))
        return CommandResult(
            status: result.terminationStatus, output: result.standardOutput, error: result.standardError)
    }

    /// Asks until the answer is as wanted.
    @discardableResult
    func untilTrue(
        _ name: String, within limit: Duration = .seconds(40), _ isWanted: (PropertyValue) -> Bool
    ) async throws -> PropertyValue {
        let deadline = ContinuousClock.now.advanced(by: limit)
        while true {
            let result = try await command(name, "--json")
            if let json = result.json, isWanted(json) { return json }
            guard ContinuousClock.now < deadline else {
                throw Failure(description: "\(name) still says \(result.output)\(result.error)")
            }
        }
    }

    /// What `journal list` says of replies that could not be delivered, newest first.
    func undeliverable() async throws -> [PropertyValue] {
        let result = try await command("journal", "list", "--undeliverable", "--json")
        guard result.code == 0 else { throw Failure(description: result.error) }
        return try result.output.split(separator: "\n").map { try PropertyValue(json: Array($0.utf8)) }
    }

    /// Makes the files in which earlier releases kept an undeliverable reply.
    func keepFile(_ name: String, body: String, size: Int, reason: String) throws {
        try FileManager.default.createDirectory(atPath: undeliverableDirectory, withIntermediateDirectories: true)
        let header =
            #"{"reason":"\#(reason)","time":"2026-11-20T00:00:00.000Z","size":\#(size),"stored":\#(body.utf8.count)}"#
        for (suffix, text) in [("body", body), ("json", header)] {
            try text.write(toFile: "\(undeliverableDirectory)/\(name).\(suffix)", atomically: false, encoding: .utf8)
        }
    }

    /// What there is of such files.
    var keptFiles: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: undeliverableDirectory)) ?? []).sorted()
    }

    private var undeliverableDirectory: String { stateDirectory + "/undeliverable" }

    func removeState() { try? FileManager.default.removeItem(atPath: stateDirectory) }

    private var environment: Environment {
        .inherit.updating([
            "OPERATIVE_NAME": "admin-test",
            "OPERATIVE_STATE_DIRECTORY": stateDirectory,
            "OPERATIVE_BROKER_HOSTS": "127.0.0.1:\(brokerPort)",
            "OPERATIVE_CONCURRENCY": "1",
            "OPERATIVE_BROKER_STARTUP_TIMEOUT": "300s",
        ])
    }
}
