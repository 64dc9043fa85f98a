import AMQPClient
import AgentTestSupport
import Operative
import RabbitMQTransport
import Testing

@Suite("An agent over a real broker", .rabbitMQ, .timeLimit(.minutes(5)))
struct AgentOverBrokerTests {
    @Test(
        "A reply goes to the agent's own exchange by the reply queue's name, persistent, with the correlation id and nothing else"
    )
    func reply() async throws {
        let broker = RabbitMQ.current
        let manager = try await TestManager(broker)
        let agent = try AgentUnderTest([Operation("t") { (_: OperationContext) in ["é": 1] }], broker: broker.client())
        try await agent.serve {
            try await manager.send("t", id: "1")
            for await delivery in manager.replies {
                #expect(delivery.exchange == AgentUnderTest.queue)
                #expect(delivery.routingKey == TestManager.replyQueue)
                #expect(delivery.properties == AMQPProperties(deliveryMode: 2, correlationID: "1"))
                #expect(try PropertyValue(json: delivery.body.bytes) == ["ok": true, "result": ["é": 1]])
                delivery.acknowledge()
                break
            }
        }
        await manager.close()
    }

    @Test("Logs and events come through their exchanges with gap-free numbers, and are in the broker before the reply")
    func records() async throws {
        let broker = RabbitMQ.current
        let manager = try await TestManager(broker)
        let agent = try AgentUnderTest(
            [
                Operation("t") { ctx in
                    ctx.logger.info("hello")
                    ctx.sendEvent("event")
                }
            ], broker: broker.client())
        var kinds: [String] = []
        try await agent.serve {
            try await manager.send("t", id: "1")
            _ = await manager.collect(1)
            for await record in manager.records {
                record.acknowledge()
                let value = try PropertyValue(json: record.body.bytes)
                kinds.append(value["event_type"]?.stringValue ?? value["type"]?.stringValue ?? "")
                #expect(record.properties.headers?[OperativeHeader.sequence]?.integerValue == Int64(kinds.count))
                #expect(value["context"]?["task_id"] == "1")
                if kinds.count == 4 { break }
            }
        }
        #expect(kinds == ["task_started", "cloudify_log", "plugin_event", "task_succeeded"])
        await manager.close()
    }

    @Test(
        "A message over the limit is never held whole: it is answered, kept and acknowledged, and the next task is served"
    )
    func oversized() async throws {
        let broker = RabbitMQ.current
        let manager = try await TestManager(broker)
        var client = broker.client()
        client.maximumMessageBytes = 20_000
        let agent = try AgentUnderTest([Operation("t") { _ in }], broker: client)
        try await agent.serve {
            try await manager.send("t", id: "big", padding: 300_000)
            try await manager.send("t", id: "small")
            let answers = await manager.collect(2)
            #expect(answers["big"]?["error"]?["message"]?.stringValue?.contains("max_message_bytes") == true)
            #expect(answers["small"]?["ok"] == true)
        }
        #expect(agent.archive.rejected == 1)
        #expect(
            try await broker.node.management.messageCount(queue: "agent_1_operation", virtualHost: broker.virtualHost)
                == 0)
        await manager.close()
    }

    @Test("A reply without a queue is kept and delivered once the queue is there; other tasks are served meanwhile")
    func undeliverable() async throws {
        let broker = RabbitMQ.current
        let manager = try await TestManager(broker, declaresReplyQueue: false)
        let runs = Runs()
        let agent = try AgentUnderTest([Operation("t") { ctx in runs.note(ctx.taskID) }], broker: broker.client())
        try await agent.serve {
            for number in 0..<3 { try await manager.send("t", id: "\(number)") }
            await agent.archive.undeliverable.reach(3)
            try await TestManager.declareReplyQueue(manager.connection)
            let late = try await manager.connection.consume(AMQPConsumer(queue: TestManager.replyQueue, prefetch: 10))
            var count = 0
            for await delivery in late {
                delivery.acknowledge()
                count += 1
                if count == 3 { break }
            }
        }
        #expect(runs.all.count == 3)
        await manager.close()
    }

    @Test("A second agent on the same queue is refused; with shared_queue it is not", arguments: QueueType.allCases)
    func exclusive(queueType: QueueType) async throws {
        let broker = RabbitMQ.current
        let agent = try AgentUnderTest([], broker: broker.client(), transport: { $0.queueType = queueType })
        try await agent.serve {
            var client = broker.client()
            client.heartbeat = .seconds(1)
            let second = try AgentUnderTest([], broker: client, transport: { $0.queueType = queueType })
            let error = await #expect(throws: AMQPError.self) { try await second.transport.start(within: .seconds(10)) }
            #expect([.accessRefused, .resourceLocked].contains(error?.code))
            await second.transport.close(within: .zero)
        }
        // A quorum queue for one agent and one for several differ.
        try await broker.node.management.deleteQueue("agent_1_operation", virtualHost: broker.virtualHost)
        let shared = try (0..<2).map { _ in
            try AgentUnderTest(
                [], broker: broker.client(),
                transport: {
                    $0.sharedQueue = true
                    $0.queueType = queueType
                })
        }
        try await shared[0].serve { try await shared[1].serve {} }
    }

    @Test("The agent's exchange is deleted while a task runs: it is declared again, and so is the way to the agent")
    func exchangeDeleted() async throws {
        let broker = RabbitMQ.current
        let manager = try await TestManager(broker)
        let (started, gate) = (Milestone(), Milestone())
        let agent = try AgentUnderTest(
            [
                Operation("t") { _ in
                    started.change()
                    await gate.reach(1)
                }
            ], broker: broker.client())
        try await agent.serve {
            try await manager.send("t", id: "before")
            await started.reach(1)
            try await broker.node.management.deleteExchange(AgentUnderTest.queue, virtualHost: broker.virtualHost)
            gate.change()
            // The reply's refusal is what tells. What others had bound is theirs to bind again.
            await agent.archive.undeliverable.reach(1)
            try await TestManager.declareReplyQueue(manager.connection)
            #expect(await manager.collect(1)["before"]?["ok"] == true)
            try await manager.send("t", id: "after")
            #expect(await manager.collect(1)["after"]?["ok"] == true)
        }
        await manager.close()
    }

    @Test(
        "The agent's queues are deleted while a task runs: it is answered, and the next one comes over queues declared anew"
    )
    func queuesDeleted() async throws {
        let broker = RabbitMQ.current
        let manager = try await TestManager(broker)
        let (started, gate) = (Milestone(), Milestone())
        let agent = try AgentUnderTest(
            [
                Operation("t") { _ in
                    started.change()
                    await gate.reach(1)
                }
            ], broker: broker.client())
        try await agent.serve {
            let consuming = Milestone()
            let listening = Task {
                await agent.transport.events { _, event in
                    if case .consuming = event { consuming.change() }
                }
            }
            try await manager.send("t", id: "before")
            await started.reach(1)
            for queue in ["agent_1_operation", "agent_1_service"] {
                try await broker.node.management.deleteQueue(queue, virtualHost: broker.virtualHost)
            }
            await consuming.reach(2)
            gate.change()
            #expect(await manager.collect(1)["before"]?["ok"] == true)
            try await manager.send("t", id: "after")
            try await manager.service("ping")
            let answers = await manager.collect(2)
            #expect(answers["after"]?["ok"] == true)
            #expect(answers["ping"]?["time"] != nil)
            listening.cancel()
        }
        await manager.close()
    }

    @Test("The broker is stopped and started under load: every task is answered, and runs once")
    func brokerRestart() async throws {
        let node = try RabbitMQNode()
        try await node.start()
        defer { node.destroy() }
        try await RabbitMQ.withVirtualHost(on: node) { broker in
            let manager = try await TestManager(broker)
            let runs = Runs()
            let agent = try AgentUnderTest([Operation("t") { ctx in runs.note(ctx.taskID) }], broker: broker.client())
            try await agent.serve {
                async let answers = manager.collect(600)
                for number in 0..<300 { try await manager.send("t", id: "\(number)") }
                try await node.restart()
                for number in 300..<600 { try await manager.send("t", id: "\(number)") }
                #expect(await answers.count == 600)
            }
            #expect(runs.all.count == 600)
            #expect(runs.all.values.allSatisfy { $0 == 1 })
            await manager.close()
        }
    }
}
