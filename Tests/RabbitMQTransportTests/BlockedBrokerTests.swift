import AMQPClient
import AgentRuntime
import AgentTestSupport
import Operative
import RabbitMQTransport
import Synchronization
import Testing

/// A broker that is short of memory and takes no messages. The tests have a node of their own and take turns on it.
@Suite("A broker that takes no messages", .serialized, .timeLimit(.minutes(5)))
struct BlockedBrokerTests {
    private static let nodeTask = Task {
        let node = try RabbitMQNode()
        try await node.start()
        return node
    }

    private func withBroker(_ body: @Sendable (RabbitMQ) async throws -> Void) async throws {
        try await RabbitMQ.withVirtualHost(on: try await Self.nodeTask.value) { broker in
            do {
                try await body(broker)
                try await Self.alarm(false, broker)
            } catch {
                try await Self.alarm(false, broker)
                throw error
            }
        }
    }

    private static func alarm(_ isOn: Bool, _ broker: RabbitMQ) async throws {
        try await broker.node.control("set_vm_memory_high_watermark", isOn ? "0.000001" : "0.6")
    }

    @Test(
        "500 pings hold no cancellation up, heartbeats go on, and no stale pong comes when the broker takes messages again"
    )
    func pings() async throws {
        try await withBroker { broker in
            let manager = try await TestManager(broker)
            let (started, cancelled) = (Milestone(), Milestone())
            var client = broker.client()
            client.heartbeat = .seconds(1)
            let agent = try AgentUnderTest(
                [
                    Operation("t") { ctx in
                        started.change()
                        // A broker tells only those who publish that it takes no messages.
                        for await _ in AsyncStream<Void>.never(while: { ctx.sendEvent("tick") }) {}
                        cancelled.change()
                    }
                ], broker: client, runtime: { $0.pingPatience = .seconds(2) })
            let prepared = try await manager.prepareServices(
                Array(repeating: ("ping", [:]), count: 500)
                    + [("cancel-operation", ["execution_id": "execution"])])
            try await agent.serve {
                let (blocked, unblocked, lost) = (Milestone(), Milestone(), Milestone())
                let listening = Task {
                    await agent.transport.events { name, event in
                        switch event {
                        case .blocked where name == "publish": blocked.change()
                        case .unblocked where name == "publish": unblocked.change()
                        case .lost: lost.change()
                        default: break
                        }
                    }
                }
                try await manager.send("t", id: "1")
                await started.reach(1)
                try await Self.alarm(true, broker)
                await blocked.reach(1)
                for delivery in prepared { delivery.reject(requeue: false) }
                await cancelled.reach(1)
                // Longer than two heartbeats, and than anybody waits for a pong.
                try await Task.sleep(for: .seconds(3))
                #expect(lost.count == 0)
                try await Self.alarm(false, broker)
                await unblocked.reach(1)
                try await manager.service("ping")
                var pongs: [String] = []
                for await delivery in manager.replies {
                    delivery.acknowledge()
                    let id = delivery.correlationID ?? ""
                    if id.hasPrefix("ping") { pongs.append(id) }
                    if id == "ping" { break }
                }
                #expect(pongs == ["ping"])
                listening.cancel()
            }
            await manager.close()
        }
    }

    @Test("A stop does not wait for a broker that takes no messages: what has no answer yet is handed out again")
    func stop() async throws {
        try await withBroker { broker in
            let manager = try await TestManager(broker)
            let gate = Milestone()
            let started = Milestone()
            let operations = [
                Operation("t") { _ in
                    started.change()
                    await gate.reach(1)
                }
            ]
            let agent = try AgentUnderTest(
                operations, broker: broker.client(),
                runtime: {
                    $0.drainTimeout = .milliseconds(100)
                    $0.cancellationGrace = .milliseconds(100)
                })
            let watch = Stopwatch()
            try await agent.serve {
                try await manager.send("t", id: "1")
                await started.reach(1)
                try await Self.alarm(true, broker)
                gate.change()
                watch.restart()
            }
            #expect(watch.stop() < .seconds(10))
            try await Self.alarm(false, broker)
            let next = try AgentUnderTest(operations, broker: broker.client())
            try await next.serve {
                #expect(await manager.collect(1, within: .seconds(60))["1"]?["ok"] == true)
            }
            await manager.close()
        }
    }
}

extension AsyncStream where Element == Void {
    /// Ends when the task is cancelled, and calls `action` ten times a second until then.
    fileprivate static func never(while action: @escaping @Sendable () -> Void) -> AsyncStream<Void> {
        AsyncStream {
            action()
            try? await Task.sleep(for: .milliseconds(100))
            return Task.isCancelled ? nil : ()
        }
    }
}
