import AgentExecutors
import AgentTestSupport
import Testing

@testable import AMQPClient

/// A task that prefers an executor is suspended at every `await` inside an actor with an executor of its own, also before the
/// body of `withCheckedContinuation`: whatever was looked at before may have changed when the body runs.
@Suite("Callers that prefer an executor", .rabbitMQ, .timeLimit(.minutes(3)))
struct ExecutorPreferenceTests {
    private actor Host {
        let thread = IOThread(name: "test-io")
        let signal = Signal()

        nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

        /// The signal fires at the first moment at which this actor does something else.
        func waitForWhatFiresMeanwhile() async {
            Task { self.signal.fire() }
            await signal.wait()
        }
    }

    @Test("A signal that fires between the look at it and the wait for it is not missed")
    func signalMeanwhile() async {
        let host = Host()
        await Task(executorPreference: ThreadPool(name: "preferred", limit: 1)) {
            await host.waitForWhatFiresMeanwhile()
        }.value
        host.thread.stop()
    }

    @Test("Connections that become ready while somebody asks for it, calls and closing: nobody waits for ever")
    func connectedMeanwhile() async throws {
        let configuration = configuration()
        try await Task(executorPreference: ThreadPool(name: "preferred", limit: 2)) {
            for _ in 0..<10 {
                try await withThrowingTaskGroup { group in
                    for _ in 0..<8 {
                        group.addTask {
                            let connection = AMQPConnection(configuration: configuration, logger: quietLogger())
                            connection.start()
                            try await connection.connected(within: .seconds(60))
                            try await connection.declare(AMQPTopology(queues: [AMQPQueue(name: "q")]))
                            _ = try await connection.consume(AMQPConsumer(queue: "q", prefetch: 1))
                            await connection.close(within: .seconds(1))
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }.value
    }
}
