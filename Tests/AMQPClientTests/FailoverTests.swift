import AgentTestSupport
import Testing

@testable import AMQPClient

@Suite("Failover", .rabbitMQ, .timeLimit(.minutes(3)))
struct FailoverTests {
    /// Lends a connection to whatever listens on these ports of this machine.
    private func withConnection(
        to ports: [Int], timeout: Duration = .seconds(5), _ body: @Sendable (AMQPConnection) async throws -> Void
    ) async throws {
        let change: (inout AMQPConfiguration) -> Void = {
            $0.endpoints = ports.map { AMQPEndpoint(host: "127.0.0.1", port: $0) }
            $0.connectTimeout = timeout
            $0.loginTimeout = timeout
        }
        try await AMQPClientTests.withConnection(change, body)
    }

    @Test("Of several brokers a dead one, a silent one and a nonsensical one cost only time; the live one is found")
    func deadAndLive() async throws {
        let (silent, nonsense) = (try SilentServer(.afterAccept), try SilentServer(.afterNonsense))
        defer {
            silent.close()
            nonsense.close()
        }
        let ports = [1, silent.port, nonsense.port, RabbitMQ.current.port]
        try await withConnection(to: ports, timeout: .seconds(2)) { connection in
            try await connection.declare(AMQPTopology(queues: [AMQPQueue(name: "q")]))
            #expect(try await connection.publish(numbered(1, to: "q")) == .confirmed)
        }
    }

    @Test("When its broker goes, a connection goes on over another one: consumers, unconfirmed messages and all")
    func otherBroker() async throws {
        let proxies = [try FaultProxy(to: RabbitMQ.current.port), try FaultProxy(to: RabbitMQ.current.port)]
        defer { for proxy in proxies { proxy.close() } }
        try await withConnection(to: proxies.map(\.port)) { connection in
            try await connection.declare(AMQPTopology(queues: [AMQPQueue(name: "q")]))
            let deliveries = try await connection.consume(AMQPConsumer(queue: "q", prefetch: 1))
            let events = connection.events.subscribe()
            let used = try #require(proxies.firstIndex { $0.accepted.count > 0 })
            proxies[used].close()
            #expect(try await connection.publish(numbered(1, to: "q")) == .confirmed)
            let delivery = await first(of: deliveries)
            #expect(delivery?.number == 1)
            delivery?.acknowledge()
            let other = AMQPEndpoint(host: "127.0.0.1", port: proxies[1 - used].port)
            #expect(await waitFor(events, isConnected) == .connected(other))
        }
    }

    @Test("Which broker is tried first is left to chance, so that agents spread over them")
    func spread() async throws {
        let proxies = [try FaultProxy(to: RabbitMQ.current.port), try FaultProxy(to: RabbitMQ.current.port)]
        defer { for proxy in proxies { proxy.close() } }
        // By chance all on one side: once in 500,000 runs.
        for _ in 0..<20 where proxies.contains(where: { $0.accepted.count == 0 }) {
            try await withConnection(to: proxies.map(\.port)) { _ in }
        }
        #expect(proxies.allSatisfy { $0.accepted.count > 0 })
    }

    @Test(
        "What was delivered before the broker ended the consumer can still be acknowledged; what nobody had taken comes again"
    )
    func acknowledgeAfterCancel() async throws {
        let proxy = try FaultProxy(to: RabbitMQ.current.port)
        defer { proxy.close() }
        try await AMQPClientTests.withConnection { direct in
            try await direct.declare(AMQPTopology(queues: [AMQPQueue(name: "q")]))
            for number in 0..<3 { #expect(try await direct.publish(numbered(number, to: "q")) == .confirmed) }
            try await withConnection(to: [proxy.port]) { connection in
                let events = connection.events.subscribe()
                let deliveries = try await connection.consume(AMQPConsumer(queue: "q", prefetch: 2, tag: "t"))
                var iterator = deliveries.makeAsyncIterator()
                let early = [try #require(await iterator.next()), try #require(await iterator.next())]
                // basic.cancel, no-wait. The broker knows nothing of it, and with the window full it delivers nothing more there.
                let channel = UInt8(try #require(await connection.consumerChannel))
                proxy.inject([1, 0, channel, 0, 0, 0, 7, 0, 60, 0, 30, 1, UInt8(ascii: "t"), 1, 0xCE])
                #expect(
                    await waitFor(events) { if case .consumerCancelled = $0 { true } else { false } }
                        == .consumerCancelled(tag: "t", queue: "q"))
                #expect(await waitFor(events) { $0 == .consuming(queue: "q") } != nil)
                #expect(await iterator.next()?.number == 2)
                for delivery in early { delivery.acknowledge() }
                // The channel goes with its last acknowledgement.
                try await eventually("the old channel is closed") { await connection.openChannels == 1 }
            }
            // The third was not acknowledged: it is there again, and the others are not.
            try await eventually("one message is left") { try await readyMessages("q", direct) == 1 }
        }
    }
}

extension AMQPConnection {
    fileprivate var consumerChannel: UInt16? { consumers.first?.channel?.number }
    fileprivate var openChannels: Int { session?.channels.count { $0 != nil } ?? 0 }
}
