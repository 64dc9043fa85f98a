import AMQPClient
import AgentRuntime
import AgentTestSupport
import Foundation
import Operative
import RabbitMQTransport
import Testing

@Suite("Telemetry spool over a real broker", .serialized, .timeLimit(.minutes(6)))
struct TelemetrySpoolOverBrokerTests {
    private static let lines = 10_000

    private static let nodeTask = Task {
        let node = try RabbitMQNode()
        try await node.start()
        return node
    }

    @Test(
        "10,000 lines logged while the broker blocks publishers all arrive afterwards, in order and gap-free, and the reply says that they come after it",
        arguments: [false, true])
    func blocked(brokerRestarts: Bool) async throws {
        try await RabbitMQ.withVirtualHost(on: try await Self.nodeTask.value) { broker in
            let manager = try await TestManager(broker)
            let spool = Self.spoolPath()
            defer { Self.remove(spool) }
            let isRunning = Signal()
            let isBlocked = Signal()
            let isDone = Milestone()
            let agent = try AgentUnderTest(
                [
                    Operation("t") { ctx in
                        isRunning.set()
                        await isBlocked.wait()
                        for number in 0..<Self.lines { ctx.logger.info("line \(number)") }
                        isDone.change()
                    }
                ], broker: broker.client(), spoolPath: spool, runtime: { $0.flushTimeout = .milliseconds(300) })
            try await agent.serve {
                try await manager.send("t", id: "1")
                await isRunning.wait()
                try await broker.node.control("set_vm_memory_high_watermark", "0.000001")
                isBlocked.set()
                await isDone.reach(1)
                try await Self.waitForRows(Self.lines, in: spool)
                if brokerRestarts {
                    try await broker.node.restart()
                } else {
                    try await broker.node.control("set_vm_memory_high_watermark", "0.6")
                }
                var texts: [String] = []
                var numbers: [Int64] = []
                for await record in manager.records {
                    record.acknowledge()
                    guard let number = record.properties.headers?[OperativeHeader.sequence]?.integerValue else {
                        continue
                    }
                    // What the broker had confirmed to nobody when it went down may come twice, with the same number.
                    if let last = numbers.last, number <= last { continue }
                    numbers.append(number)
                    texts.append(
                        try PropertyValue(json: record.body.bytes)["message"]?["text"]?.stringValue ?? "")
                    // One event at each end, and the record that says that the outcome was sent before.
                    if numbers.count == Self.lines + 3 { break }
                }
                #expect(numbers == (1...Int64(Self.lines + 3)).map { $0 })
                #expect(texts.dropFirst().prefix(Self.lines).elementsEqual((0..<Self.lines).lazy.map { "line \($0)" }))
                #expect(texts.last?.hasSuffix("they follow it") == true)
                for await reply in manager.replies {
                    #expect(reply.properties.headers?[OperativeHeader.lateRecords] == .bool(true))
                    reply.acknowledge()
                    break
                }
            }
            await manager.close()
        }
    }

    @Test("What one agent could not send before it ended the next one sends, before anything of its own")
    func restartOfTheAgent() async throws {
        try await RabbitMQ.withVirtualHost(on: try await Self.nodeTask.value) { broker in
            let manager = try await TestManager(broker)
            let spool = Self.spoolPath()
            defer { Self.remove(spool) }
            let isRunning = Signal()
            let isBlocked = Signal()
            let runs = Milestone()
            func agent() throws -> AgentUnderTest {
                try AgentUnderTest(
                    [
                        Operation("t") { ctx in
                            runs.change()
                            let run = runs.count
                            isRunning.set()
                            await isBlocked.wait()
                            for number in 0..<500 { ctx.logger.info("run \(run) line \(number)") }
                        }
                    ], broker: broker.client(), spoolPath: spool,
                    runtime: {
                        $0.flushTimeout = .zero
                        $0.drainTimeout = .milliseconds(100)
                        $0.taskEvents = .manager
                    })
            }
            try await agent().serve {
                try await manager.send("t", id: "1")
                await isRunning.wait()
                try await broker.node.control("set_vm_memory_high_watermark", "0.000001")
                isBlocked.set()
                try await Self.waitForRows(500, in: spool)
            }
            try await broker.node.control("set_vm_memory_high_watermark", "0.6")
            var texts: [String] = []
            try await agent().serve {
                for await record in manager.records {
                    record.acknowledge()
                    let text = try PropertyValue(json: record.body.bytes)["message"]?["text"]?.stringValue ?? ""
                    // What the broker had read before it blocked comes twice.
                    if !texts.contains(text) { texts.append(text) }
                    if texts.count == 500 { break }
                }
            }
            #expect(texts == (0..<500).map { "run 1 line \($0)" })
            await manager.close()
        }
    }

    @Test("A log exchange that was deleted is declared again, and nothing is held up or given up for it")
    func exchangeDeleted() async throws {
        try await RabbitMQ.withVirtualHost(on: try await Self.nodeTask.value) { broker in
            let manager = try await TestManager(broker)
            let spool = Self.spoolPath()
            defer { Self.remove(spool) }
            let agent = try AgentUnderTest(
                [Operation("t") { ctx in for number in 0..<200 { ctx.logger.info("line \(number)") } }],
                broker: broker.client(), spoolPath: spool)
            try await agent.serve {
                try await broker.node.management.deleteExchange(
                    AgentTopology.logExchange, virtualHost: broker.virtualHost)
                try await manager.send("t", id: "1")
                for await reply in manager.replies {
                    // The reply waits for the records: that it does not say they are late means they were confirmed.
                    #expect(reply.properties.headers == nil)
                    reply.acknowledge()
                    break
                }
                try await manager.connection.withChannel { channel in
                    try await channel.declare(
                        AMQPExchange(name: AgentTopology.logExchange, type: "fanout"), passive: true)
                }
            }
            await manager.close()
        }
    }

    private static func spoolPath() -> String {
        NSTemporaryDirectory() + "/operative-spool-\(UUID().uuidString).db"
    }

    private static func remove(_ path: String) {
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    }

    /// Waits until so many records are on disk.
    private static func waitForRows(_ count: Int, in path: String) async throws {
        let store = SpoolReader(path: path)
        while try store.count() < count { try await Task.sleep(for: .milliseconds(20)) }
    }
}
