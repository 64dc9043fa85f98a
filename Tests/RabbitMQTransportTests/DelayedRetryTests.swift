import AMQPClient
import AgentRuntime
import AgentTestSupport
import Operative
import RabbitMQTransport
import Synchronization
import Testing

@Suite("Delayed retries over a real broker", .rabbitMQ, .timeLimit(.minutes(5)))
struct DelayedRetryTests {
    /// When operations asked for their retry, and when they got it.
    private final class Diary: Sendable {
        private let asked = Mutex<[String: ContinuousClock.Instant]>([:])
        private let waits = Mutex<[String: Duration]>([:])
        var all: [String: Duration] { waits.withLock { $0 } }
        let asks = Milestone()

        func ask(_ task: String?) {
            asked.withLock { $0[task ?? ""] = .now }
            asks.change()
        }

        func come(_ task: String?) {
            guard let start = asked.withLock({ $0[task ?? ""] }) else { return }
            waits.withLock { $0[task ?? ""] = .now - start }
        }
    }

    private struct Inputs: Decodable {
        let delay: Double
    }

    private func operation(_ diary: Diary) -> Operation {
        Operation("retry", inputs: Inputs.self) { ctx, inputs in
            guard ctx.operation.retryNumber == 0 else { return diary.come(ctx.taskID) }
            diary.ask(ctx.taskID)
            try ctx.operation.retry(after: .seconds(inputs.delay), message: "later")
        }
    }

    @Test("Retries come once, never early, and are answered", arguments: QueueType.allCases)
    func neverEarly(queueType: QueueType) async throws {
        let broker = RabbitMQ.current
        let manager = try await TestManager(broker, queueType: queueType)
        let diary = Diary()
        let agent = try AgentUnderTest(
            [operation(diary)], broker: broker.client(),
            transport: {
                $0.queueType = queueType
                $0.delayQueueType = queueType
            })
        let delays = (0..<40).map { Double($0) * 0.05 }
        try await agent.serve {
            for (number, delay) in delays.enumerated() {
                try await manager.send("retry", id: "\(number)", inputs: ["delay": .double(delay)])
            }
            #expect(await manager.collect(delays.count).count == delays.count)
        }
        #expect(diary.all.count == delays.count)
        for (number, delay) in delays.enumerated() {
            #expect((diary.all["\(number)"] ?? .zero) >= .seconds(delay), "retry \(number) came early")
        }
        await manager.close()
    }

    @Test("The agent's queue is deleted while attempts are parked: none is lost")
    func queueDeleted() async throws {
        let broker = RabbitMQ.current
        let manager = try await TestManager(broker)
        let diary = Diary()
        let agent = try AgentUnderTest([operation(diary)], broker: broker.client())
        try await agent.serve {
            for number in 0..<50 { try await manager.send("retry", id: "\(number)", inputs: ["delay": 5]) }
            await diary.asks.reach(50)
            try await broker.node.management.deleteQueue("agent_1_operation", virtualHost: broker.virtualHost)
            #expect(await manager.collect(50).count == 50)
        }
        await manager.close()
    }

    @Test("Attempts that come due while agent and queue are away wait until the agent is back")
    func queueAway() async throws {
        let broker = RabbitMQ.current
        let manager = try await TestManager(broker)
        let diary = Diary()
        let first = try AgentUnderTest([operation(diary)], broker: broker.client())
        let layout = try await first.serve {
            for number in 0..<20 { try await manager.send("retry", id: "\(number)", inputs: ["delay": 4]) }
            await diary.asks.reach(20)
            return first.transport.delayLayout
        }
        let unroutable = try #require(layout).unroutable
        try await broker.node.management.deleteQueue("agent_1_operation", virtualHost: broker.virtualHost)
        try await manager.connection.withChannel { channel in
            let deadline = ContinuousClock.now + .seconds(60)
            while try await channel.inspect(queue: unroutable).messageCount < 20 {
                try #require(ContinuousClock.now < deadline, "what came due was not kept")
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        let second = try AgentUnderTest([operation(diary)], broker: broker.client())
        try await second.serve { #expect(await manager.collect(20).count == 20) }
        await manager.close()
    }

    @Test("A message without a queue that is too large for this agent keeps none behind it from going on")
    func oversizedWithoutQueue() async throws {
        let broker = RabbitMQ.current
        let manager = try await TestManager(broker)
        var client = broker.client()
        client.maximumMessageBytes = 10_000
        let diary = Diary()
        try await AgentUnderTest([operation(diary)], broker: client).serve {}
        let layout = DelayLayout.shared(queueType: .classic)
        for bytes in [50_000, 10] {
            // Neither is a task: what arrives is answered as such.
            _ = try await manager.connection.publish(
                AMQPMessage(
                    exchange: layout.unroutable, routingKey: AgentUnderTest.queue,
                    body: Array(repeating: 32, count: bytes)))
        }
        let agent = try AgentUnderTest([operation(diary)], broker: client)
        try await agent.serve {
            let deadline = ContinuousClock.now + .seconds(60)
            while agent.archive.rejected < 1 {
                try #require(ContinuousClock.now < deadline, "what lay behind it was not sent on")
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        await manager.close()
    }

    @Test("Parked, cancelled, agent replaced, due: no run and no reply; other executions go on")
    func cancelledWhileParked() async throws {
        let broker = RabbitMQ.current
        let manager = try await TestManager(broker)
        let diary = Diary()
        let cancellations = InMemoryCancellationRecord()
        let first = try AgentUnderTest([operation(diary)], broker: broker.client(), cancellations: cancellations)
        try await first.serve {
            try await manager.send("retry", id: "doomed", inputs: ["delay": 1])
            await diary.asks.reach(1)
            try await manager.service("cancel-operation", ["execution_id": "execution"])
            _ = await manager.collect(1)
        }
        let second = try AgentUnderTest([operation(diary)], broker: broker.client(), cancellations: cancellations)
        try await second.serve {
            // Parked later with a longer delay: when this one has come back, the cancelled one must have been dealt with.
            try await manager.send("retry", id: "spared", inputs: ["delay": 1.5])
            #expect(await manager.collect(1).keys.contains("spared"))
        }
        #expect(diary.all.keys.sorted() == ["spared"])
        await manager.close()
    }

    @Test("With a Cloudify manager's permissions the agent works, and retries wait in queues of its own")
    func restrictedPermissions() async throws {
        let broker = RabbitMQ.current
        let pattern = "^(cloudify-(events-topic|logs|monitoring)|agent_1($|_(operation|workflow|service|response_.*))$)"
        let diary = Diary()
        try await withRestrictedUser(pattern, broker) { client, manager in
            let agent = try AgentUnderTest([operation(diary)], broker: client)
            try await agent.serve {
                #expect(agent.transport.delayLayout == .ofAgent(queue: "agent_1", queueType: .classic))
                try await manager.send("retry", id: "1", inputs: ["delay": 0.3])
                #expect(await manager.collect(1)["1"]?["ok"] == true)
            }
        }
        #expect(diary.all.count == 1)
    }

    @Test("Where the broker allows no delay queues at all, the retry is answered to the manager")
    func noDelayQueues() async throws {
        let broker = RabbitMQ.current
        let pattern = "^(cloudify-(events-topic|logs)|agent_1($|_(operation|service))$)"
        try await withRestrictedUser(pattern, broker) { client, manager in
            let agent = try AgentUnderTest([operation(Diary())], broker: client)
            try await agent.serve {
                #expect(agent.transport.delayLayout == nil)
                try await manager.send("retry", id: "1", inputs: ["delay": 7])
                let error = await manager.collect(1)["1"]?["error"]
                #expect(error?["known_exception_type"] == "OperationRetry")
                #expect(error?["known_exception_type_args"] == [7])
            }
        }
    }

    private func withRestrictedUser(
        _ pattern: String, _ broker: RabbitMQ, _ body: (AMQPConfiguration, TestManager) async throws -> Void
    ) async throws {
        let manager = try await TestManager(broker)
        let user = "restricted-\(broker.virtualHost)"
        let management = broker.node.management
        try await management.createUser(user, password: "secret")
        try await management.setPermissions(
            user: user, virtualHost: broker.virtualHost, configure: pattern, write: pattern, read: pattern)
        try await body(broker.client(username: user, password: "secret"), manager)
        try await management.deleteUser(user)
        await manager.close()
    }
}
