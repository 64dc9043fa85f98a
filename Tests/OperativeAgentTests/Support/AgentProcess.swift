import AgentTestSupport
import Foundation
import Operative
import Subprocess

/// An agent program as a process of its own.
struct AgentProcess: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// How it ended.
    struct End: Sendable {
        /// Nil when a signal ended it.
        let exitCode: Int32?
        let log: String
    }

    let log = LogLines()
    /// Its process.
    let processID: Int32
    let stateDirectory: String
    private let signal: @Sendable (Signal) -> Void

    private init(processID: Int32, stateDirectory: String, signal: @escaping @Sendable (Signal) -> Void) {
        self.processID = processID
        self.stateDirectory = stateDirectory
        self.signal = signal
    }

    func terminate() { signal(.terminate) }

    /// Limits the size of the files that the agent may write; `unlimited` ends that.
    func limitFiles(toBytes limit: String) async throws {
        try await Command.run("prlimit", ["--pid", "\(processID)", "--fsize=\(limit):"])
    }

    /// Runs a command for this agent.
    ///
    /// - Returns: what it printed.
    @discardableResult
    func command(_ arguments: String...) async throws -> String {
        try await Command.run(try Self.program(), arguments + ["--state-directory", stateDirectory])
    }

    /// Asks the agent as the command line does.
    func ask(_ command: String) async throws -> PropertyValue {
        let output = try await self.command(command, "--json")
        return try PropertyValue(json: Array(output.utf8))
    }

    /// Waits until the agent's status is as wanted.
    func untilStatus(_ isWanted: (PropertyValue) -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let status = try await ask("status")
            if isWanted(status) { return }
            guard ContinuousClock.now < deadline else { throw Failure(description: "status is still \(status)") }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Waits until the agent says that it is ready.
    func untilReady() async throws { try await untilStatus { $0["state"] == "ready" } }

    /// Runs the agent around `body`, which may end it; if it does not, it is told to stop then.
    ///
    /// - Parameters:
    ///   - settings: What differs from an agent of the queue `agent_1` on the broker, by environment variable without its prefix.
    ///   - environment: More variables, by their full names.
    ///   - port: The broker's, or a proxy's.
    static func run(
        _ broker: RabbitMQ, port: Int? = nil, settings: [String: String] = [:],
        environment more: [String: String] = [:],
        _ body: @Sendable (AgentProcess) async throws -> Void
    ) async throws -> End {
        let state = FileManager.default.temporaryDirectory.appending(path: "agent-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: state) }
        var variables = [
            "NAME": "agent_1", "BROKER_HOSTS": "\(broker.host):\(port ?? broker.port)",
            "BROKER_VIRTUAL_HOST": broker.virtualHost, "BROKER_USERNAME": broker.username,
            "BROKER_PASSWORD": broker.password, "STATE_DIRECTORY": state.path, "BROKER_HEARTBEAT": "1s",
        ]
        variables.merge(settings) { $1 }
        variables = Dictionary(uniqueKeysWithValues: variables.map { ("OPERATIVE_\($0)", $1) })
        for (name, value) in more { variables[name] = value }
        return try await run(["run"], stateDirectory: state.path, environment: variables, body)
    }

    /// Runs the agent in the place of a Cloudify manager's Python worker.
    static func runWorker(
        _ place: WorkerPlace, environment more: [String: String] = [:],
        _ body: @Sendable (AgentProcess) async throws -> Void
    ) async throws -> End {
        try await run(
            place.arguments, stateDirectory: "\(place.workDirectory)/operative",
            environment: place.environment.merging(more) { $1 }, body)
    }

    /// Both outputs are its log.
    private static func run(
        _ arguments: [String], stateDirectory: String, environment variables: [String: String],
        _ body: @Sendable (AgentProcess) async throws -> Void
    ) async throws -> End {
        var environment: [Environment.Key: String?] = [:]
        for (name, value) in variables { environment[Environment.Key(stringLiteral: name)] = value }
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(5))]
        let result = try await Subprocess.run(
            // The shell replaces itself by the agent: signals reach it.
            .name("sh"), arguments: Arguments(["-c", #"exec "$0" "$@" 1>&2"#, try program()] + arguments),
            environment: .inherit.updating(environment),
            platformOptions: options, input: .none, output: .discarded, error: .sequence
        ) { execution in
            let agent = AgentProcess(
                processID: execution.processIdentifier.value, stateDirectory: stateDirectory
            ) { signal in try? execution.send(signal: signal) }
            async let reading: Void = {
                defer { agent.log.end() }
                for try await line in execution.standardError.strings() { agent.log.add(line) }
            }()
            let outcome: Result<Void, any Error>
            do {
                outcome = .success(try await body(agent))
            } catch {
                outcome = .failure(error)
            }
            agent.terminate()
            try? await reading
            return (outcome, agent.log.text)
        }
        let (outcome, log) = result.closureResult
        do {
            try outcome.get()
        } catch {
            throw Failure(description: "\(error)\nThe agent's log:\n\(log)")
        }
        guard case .exited(let code) = result.terminationStatus else { return End(exitCode: nil, log: log) }
        return End(exitCode: code, log: log)
    }

    static func program() throws -> String {
        guard let folder = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent() else {
            throw Failure(description: "this test does not know where it was built")
        }
        let path = folder.appending(path: "interop-agent").path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw Failure(description: "\(path) is missing: run swift build --product interop-agent")
        }
        return path
    }
}
