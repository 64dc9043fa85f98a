import AMQPClient
import AgentTestSupport
import Testing

/// What networks do, by a proxy between the client and a real broker.
@Suite("Network faults", .rabbitMQ, .timeLimit(.minutes(5)))
struct NetworkFaultTests {
    private let proxy: FaultProxy

    init() throws { proxy = try FaultProxy(to: RabbitMQ.current.port) }

    @discardableResult
    private func withProxied<Output: Sendable>(
        heartbeat: Duration = .seconds(1), rpcTimeout: Duration = .seconds(10),
        _ body: @Sendable (AMQPConnection) async throws -> Output
    ) async throws -> Output {
        defer { proxy.close() }
        return try await withConnection(
            {
                $0.endpoints = [AMQPEndpoint(host: "127.0.0.1", port: proxy.port)]
                $0.heartbeat = heartbeat
                $0.rpcTimeout = rpcTimeout
            }, body)
    }

    @Test(
        "A line that swallows everything is given up within two heartbeats; calls and closing meet their limits; what was sent arrives later"
    )
    func halfOpen() async throws {
        try await withProxied(rpcTimeout: .milliseconds(700)) { connection in
            try await connection.declare(AMQPTopology(queues: [AMQPQueue(name: "q")]))
            let deliveries = try await connection.consume(AMQPConsumer(queue: "q", prefetch: 10))
            let events = connection.events.subscribe()
            let (call, loss) = (Stopwatch(), Stopwatch())
            proxy.set(FaultBehavior { $0.swallowsAll = true })
            let outcome = Collector<AMQPPublishOutcome>()
            connection.send(numbered(1, to: "q")) { outcome.add($0) }
            await #expect(throws: AMQPError.self) { try await readyMessages("q", connection) }
            #expect(call.stop() < .seconds(2))
            guard case .lost(let reason)? = await waitFor(events, isLost) else { return }
            #expect(reason.code == .connectionLost)
            // Two heartbeats, and half a one for the broker's own heartbeat before the silence.
            #expect(loss.stop() < .milliseconds(2_500))
            proxy.set(FaultBehavior())
            #expect(await first(of: deliveries)?.number == 1)
            await outcome.wait(for: 1)
            #expect(outcome.elements == [.confirmed])
            proxy.set(FaultBehavior { $0.swallowsAll = true })
            #expect(await Stopwatch.measure { await connection.close(within: .milliseconds(200)) } < .seconds(1))
        }
    }

    @Test(
        "Silence at any step of the login is given up at a deadline, and the next attempt succeeds",
        arguments: 0...3)
    func silentLogin(frames: Int) async throws {
        proxy.set(FaultBehavior { $0.brokerFrames = frames })
        let connection = AMQPConnection(
            configuration: configuration {
                $0.endpoints = [AMQPEndpoint(host: "127.0.0.1", port: proxy.port)]
                $0.heartbeat = .seconds(1)
                $0.connectTimeout = .seconds(2)
                $0.loginTimeout = .seconds(2)
                $0.rpcTimeout = .seconds(2)
            }, logger: quietLogger())
        let events = connection.events.subscribe()
        connection.start()
        if frames == 3 {
            // The login is over; it is the first call that gets no answer.
            try await connection.connected(within: .seconds(60))
            await #expect(throws: AMQPError.self) { try await readyMessages("q", connection) }
        }
        guard case .lost(let reason)? = await waitFor(events, isLost) else { return }
        #expect([.timedOut, .connectionLost].contains(reason.code), "\(reason)")
        proxy.set(FaultBehavior())
        try await connection.connected(within: .seconds(60))
        await connection.close()
        proxy.close()
    }

    @Test(
        "In slices of one byte, throttled and delayed, every message arrives once, in order and unharmed",
        arguments: [
            FaultBehavior { $0.sliceSize = 1 }, FaultBehavior { $0.bytesPerSecond = 300_000 },
            FaultBehavior {
                $0.latency = .milliseconds(20)
                $0.sliceSize = 7
            },
        ])
    func slow(behavior: FaultBehavior) async throws {
        proxy.set(behavior)
        try await withProxied(heartbeat: .seconds(60)) { connection in
            try await connection.declare(AMQPTopology(queues: [AMQPQueue(name: "q")]))
            let deliveries = try await connection.consume(AMQPConsumer(queue: "q", prefetch: 20))
            let outcomes = Collector<AMQPPublishOutcome>()
            let bodies = (0..<100).map { number in [UInt8](repeating: UInt8(number), count: number * 20) }
            for body in bodies { connection.send(AMQPMessage(routingKey: "q", body: body)) { outcomes.add($0) } }
            var received: [[UInt8]] = []
            for await delivery in deliveries {
                delivery.acknowledge()
                received.append(delivery.body.bytes)
                if received.count == bodies.count { break }
            }
            #expect(received == bodies)
            await outcomes.wait(for: bodies.count)
            #expect(outcomes.elements.allSatisfy { $0 == .confirmed })
        }
    }

    @Test(
        "Cut in the middle of a message or of a confirm: none is lost, and only what was not confirmed arrives twice",
        arguments: [true, false])
    func cutWhilePublishing(upstream: Bool) async throws {
        let batch = 50
        try await withProxied { connection in
            try await connection.declare(AMQPTopology(queues: [AMQPQueue(name: "q")]))
            var disturbed: Set<Int> = []
            for start in stride(from: 0, to: 20 * batch, by: batch) {
                let cuts = proxy.cuts.count
                // At another place in the frames each time.
                if start % (2 * batch) == 0 {
                    if upstream {
                        proxy.cut(afterUpstream: 97 + start)
                    } else {
                        proxy.cut(afterDownstream: 5 + start / 7)
                    }
                }
                let outcomes = Collector<AMQPPublishOutcome>()
                for number in start..<start + batch { connection.send(numbered(number, to: "q")) { outcomes.add($0) } }
                await outcomes.wait(for: batch)
                #expect(outcomes.elements.allSatisfy { $0 == .confirmed })
                if proxy.cuts.count != cuts || start % (2 * batch) == 0 { disturbed.insert(start / batch) }
            }
            #expect(proxy.cuts.count > 0)
            try await withConnection { [disturbed] reader in
                var counts: [Int: Int] = [:]
                for _ in 0..<(try await readyMessages("q", reader)) {
                    let delivery = try await reader.withChannel { channel in
                        let delivery = try await channel.get(queue: "q")
                        delivery?.acknowledge()
                        return delivery
                    }
                    counts[try #require(delivery?.number), default: 0] += 1
                }
                #expect(Set(counts.keys) == Set(0..<20 * batch))
                let twice = counts.filter { $0.value > 1 }.keys
                #expect(twice.allSatisfy { disturbed.contains($0 / batch) }, "\(twice.sorted())")
            }
        }
    }

    @Test("Cut in the middle of a delivery: every message arrives whole, and twice only when marked as redelivered")
    func cutWhileConsuming() async throws {
        let count = 300
        try await withConnection { sender in
            try await sender.declare(AMQPTopology(queues: [AMQPQueue(name: "q")]))
            let outcomes = Collector<AMQPPublishOutcome>()
            for number in 0..<count {
                let body = Array(String(number).utf8) + [UInt8](repeating: 32, count: 3_000)
                sender.send(AMQPMessage(routingKey: "q", body: body)) { outcomes.add($0) }
            }
            await outcomes.wait(for: count)
        }
        try await withProxied { connection in
            proxy.cut(afterDownstream: 100_000)
            let deliveries = try await connection.consume(AMQPConsumer(queue: "q", prefetch: 10))
            var seen: Set<Int> = []
            for await delivery in deliveries {
                let text = String(decoding: delivery.body.bytes, as: UTF8.self)
                #expect(text.utf8.count > 3_000)
                let number = try #require(Int(text.prefix { $0 != " " }))
                #expect(seen.insert(number).inserted || delivery.redelivered)
                delivery.acknowledge()
                if seen.count == count { break }
                if seen.count == 150, proxy.cuts.count < 2 { proxy.cut(afterDownstream: 7_001) }
            }
            #expect(proxy.cuts.count >= 1)
            #expect(seen == Set(0..<count))
        }
    }

    @Test("A reset is noticed at once, and everything goes on")
    func reset() async throws {
        try await withProxied(heartbeat: .seconds(60)) { connection in
            let events = connection.events.subscribe()
            try await connection.declare(AMQPTopology(queues: [AMQPQueue(name: "q")]))
            let watch = Stopwatch()
            proxy.reset()
            #expect(await waitFor(events, isLost) != nil)
            #expect(watch.stop() < .seconds(1))
            #expect(try await connection.publish(numbered(1, to: "q")) == .confirmed)
        }
    }
}
