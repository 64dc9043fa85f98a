import AgentTestSupport
import Foundation
import Operative
import Subprocess
import Testing

/// The example agent as its users have it: a program with one worker, a broker, and an endpoint.
@Suite("The compute agent", .rabbitMQ, .timeLimit(.minutes(5)))
struct ComputeAgentTests {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let broker = RabbitMQ.current

    @Test("While a machine starts, the agent's only worker serves other operations")
    func waiting() async throws {
        let region = try await EC2Region.fresh()
        try await region.order(["pending": 1_000])
        let start = try await whileRunning {
            async let start = send("compute.start", instance: "vm_1", properties: region.properties(poll: 0.2))
            // The machine was looked at again: a retry of the start is behind it.
            let deadline = ContinuousClock.now + .seconds(60)
            while try await region.order().count(where: { $0 == "DescribeInstances" }) < 2 {
                // What the start has to say tells more than that nothing came of it.
                guard ContinuousClock.now < deadline else { return try await start }
                try await Task.sleep(for: .milliseconds(50))
            }
            // Each of these would wait for ever behind a start that keeps the worker.
            for number in 2...4 {
                let state = try await send(
                    "compute.get_state", instance: "vm_\(number)", properties: region.properties())
                #expect(state.contains("false"), "\(state)")
            }
            #expect(try await region.order().count { $0 == "RunInstances" } == 1)
            try await region.order(["grow_up": 1])
            return try await start
        }
        #expect(start.contains("runs at"), "\(start)")
        #expect(start.contains("Task rescheduled"), "\(start)")
        #expect(try await region.order().count { $0 == "RunInstances" } == 1)
    }

    /// Runs the agent around `body`.
    private func whileRunning<Output: Sendable>(_ body: () async throws -> Output) async throws -> Output {
        let state = FileManager.default.temporaryDirectory.appending(path: "compute-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: state) }
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(5))]
        let result = try await Subprocess.run(
            .name("env"), arguments: [try program(), "run", "--state-directory", state.path],
            environment: environment, platformOptions: options, input: .none, output: .discarded,
            error: .string(limit: 1 << 22)
        ) { execution in
            let output: Result<Output, any Error>
            do {
                try await untilReady()
                output = .success(try await body())
            } catch {
                output = .failure(error)
            }
            try? execution.send(signal: .terminate)
            return output
        }
        do {
            return try result.closureResult.get()
        } catch {
            throw Failure(description: "\(error)\nThe agent's log:\n\(result.standardError)")
        }
    }

    private func untilReady() async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let ping = try await Subprocess.run(
                .name("env"), arguments: [try program(), "ping", "--timeout", "2"], environment: environment,
                output: .discarded, error: .string(limit: 1 << 16))
            if ping.terminationStatus.isSuccess { return }
            guard ContinuousClock.now < deadline else {
                throw Failure(description: "the agent is not ready after 60 s: \(ping.standardError)")
            }
        }
    }

    /// Sends a task and waits for its reply.
    ///
    /// - Returns: its log records, events and result.
    private func send(
        _ task: String, instance: String, properties: [String: PropertyValue]
    ) async throws -> String {
        let json = String(decoding: PropertyValue.object(properties).json, as: UTF8.self)
        let result = try await Subprocess.run(
            .name("env"),
            arguments: [
                try program(), "send", task, "--node", "vm", "--instance", instance, "--properties", json, "--timeout",
                "120",
            ],
            environment: environment, output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        let said = result.standardError + result.standardOutput
        guard result.terminationStatus.isSuccess else {
            throw Failure(description: "\(task): \(result.terminationStatus): \(said)")
        }
        return said
    }

    private var environment: Environment {
        .inherit.updating([
            "OPERATIVE_NAME": "compute", "OPERATIVE_CONCURRENCY": "1",
            "OPERATIVE_BROKER_HOSTS": "\(broker.host):\(broker.port)",
            "OPERATIVE_BROKER_VIRTUAL_HOST": broker.virtualHost,
        ])
    }

    private func program() throws -> String {
        guard let folder = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent() else {
            throw Failure(description: "this test does not know where it was built")
        }
        return folder.appending(path: "compute-agent").path
    }
}
