import AgentTestSupport
import Foundation
import Subprocess

/// The program `interop-agent` as a process of its own, logged in with what a Cloudify manager permits an agent.
struct AgentProcess {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// How a run of the agent went.
    struct Run {
        let report: ManagerClient.Report
        let status: TerminationStatus
        let log: String
        var isSuccess: Bool { status.isSuccess }
    }

    let queue: String
    let retryMode: RetryMode
    private let broker = RabbitMQ.current
    private let path: String

    /// The user is unique in the broker, which all tests share.
    private var user: String { "agent-\(broker.virtualHost)" }

    init(queue: String, retryMode: RetryMode) throws {
        self.queue = queue
        self.retryMode = retryMode
        guard let folder = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent() else {
            throw Failure(description: "this test does not know where it was built")
        }
        path = folder.appending(path: "interop-agent").path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw Failure(description: "\(path) is missing: run swift build --product interop-agent")
        }
    }

    /// Makes the agent's user. The manager gives each agent these permissions in its tenant's virtual host.
    func createUser() async throws {
        let mine = "^(cloudify-(events-topic|logs|monitoring)|\(queue)($|_(operation|workflow|service|response_.*))$)"
        let management = broker.node.management
        try await management.createUser(user, password: user)
        try await management.setPermissions(
            user: user, virtualHost: broker.virtualHost, configure: mine, write: mine, read: mine)
    }

    /// Runs the agent, calls `body` once it answers pings, and ends it unless it has ended by itself.
    func whileRunning(_ body: () async throws -> ManagerClient.Report) async throws -> Run {
        let state = FileManager.default.temporaryDirectory.appending(path: "interop-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: state) }
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(5))]
        let result = try await Subprocess.run(
            // env replaces itself by the agent: the signal below reaches it.
            .name("env"), arguments: [path, "run", "--state-directory", state.path],
            environment: environment(user: user, password: user), platformOptions: options, input: .none,
            output: .discarded, error: .string(limit: 1 << 22)
        ) { execution in
            // An error must not hide the log, which tells more.
            let report: Result<ManagerClient.Report, any Error>
            do {
                try await untilReady()
                report = .success(try await body())
            } catch {
                report = .failure(error)
            }
            try? execution.send(signal: .terminate)
            return report
        }
        switch result.closureResult {
        case .success(let report):
            return Run(report: report, status: result.terminationStatus, log: result.standardError)
        case .failure(let error):
            throw Failure(description: "\(error)\nThe agent's log:\n\(result.standardError)")
        }
    }

    private func untilReady() async throws {
        let deadline = ContinuousClock.now.advanced(by: .seconds(60))
        while true {
            let ping = try await Subprocess.run(
                .name("env"), arguments: [path, "ping", "--timeout", "2"],
                environment: environment(user: broker.username, password: broker.password),
                output: .discarded, error: .string(limit: 1 << 16))
            if ping.terminationStatus.isSuccess { return }
            guard ContinuousClock.now < deadline else {
                throw Failure(description: "the agent is not ready after 30 s: \(ping.standardError)")
            }
        }
    }

    private func environment(user: String, password: String) -> Environment {
        .inherit.updating([
            "OPERATIVE_NAME": queue,
            "OPERATIVE_BROKER_HOSTS": "\(broker.host):\(broker.port)",
            "OPERATIVE_BROKER_VIRTUAL_HOST": broker.virtualHost,
            "OPERATIVE_BROKER_USERNAME": user,
            "OPERATIVE_BROKER_PASSWORD": password,
            "OPERATIVE_RETRY_MODE": retryMode.rawValue,
            // What the checks count on.
            "OPERATIVE_CONCURRENCY": retryMode == .reply ? "2" : "1",
        ])
    }
}
