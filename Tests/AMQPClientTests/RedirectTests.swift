import AMQPClient
import AgentTestSupport
import Testing

@Suite("A connection that is told to go elsewhere", .rabbitMQ, .timeLimit(.minutes(3)))
struct RedirectTests {
    private func endpoint(_ proxy: FaultProxy) -> AMQPEndpoint { AMQPEndpoint(host: "127.0.0.1", port: proxy.port) }

    @Test("It moves to the other endpoint, sends what was not confirmed and consumes what was not acknowledged")
    func moves() async throws {
        let first = try FaultProxy(to: RabbitMQ.current.port)
        let second = try FaultProxy(to: RabbitMQ.current.port)
        let connection = AMQPConnection(
            configuration: configuration { $0.endpoints = [endpoint(first)] }, logger: quietLogger())
        try await connection.connected(within: .seconds(20))
        try await connection.declare(AMQPTopology(queues: [AMQPQueue(name: "q")]))
        let deliveries = try await connection.consume(AMQPConsumer(queue: "q", prefetch: 10))
        #expect(try await connection.publish(AMQPMessage(routingKey: "q", body: [1])) == .confirmed)
        // Delivered and not acknowledged.
        #expect(await AMQPClientTests.first(of: deliveries)?.body == .complete([1]))

        // Published over a line that has fallen silent: nobody confirms it there.
        first.set(FaultBehavior { $0.swallowsAll = true })
        async let outcome = connection.publish(AMQPMessage(routingKey: "q", body: [2]))
        #expect(await connection.redirect(to: [endpoint(second)], tls: nil, filesChanged: false) == nil)
        #expect(try await outcome == .confirmed)
        first.close()
        // In which order they come depends on when the broker notices that the first line is dead.
        var bodies: Set<[UInt8]> = []
        for _ in 0..<2 {
            let delivery = await AMQPClientTests.first(of: deliveries)
            bodies.insert(delivery?.body.bytes ?? [])
            delivery?.acknowledge()
        }
        #expect(bodies == [[1], [2]])
        await connection.close()
        second.close()
    }

    @Test("An endpoint that cannot be reached is told, and the connection that there is stays in use")
    func stays() async throws {
        let proxy = try FaultProxy(to: RabbitMQ.current.port)
        let connection = AMQPConnection(
            configuration: configuration { $0.endpoints = [endpoint(proxy)] }, logger: quietLogger())
        try await connection.connected(within: .seconds(20))
        try await connection.declare(AMQPTopology(queues: [AMQPQueue(name: "q")]))
        let nobody = AMQPEndpoint(host: "127.0.0.1", port: 1)
        let failure = await connection.redirect(to: [nobody], tls: nil, filesChanged: false)
        #expect(failure?.code == .unreachable)
        #expect(try await connection.publish(AMQPMessage(routingKey: "q", body: [1])) == .confirmed)
        #expect(await connection.redirect(to: [nobody, endpoint(proxy)], tls: nil, filesChanged: false) == nil)
        // For the trial; the connection in use is good as it is.
        await proxy.accepted.reach(2)
        #expect(try await connection.publish(AMQPMessage(routingKey: "q", body: [1])) == .confirmed)
        await connection.close()
        proxy.close()
    }

    @Test("A connection that is closed meanwhile answers")
    func closed() async throws {
        let connection = AMQPConnection(configuration: configuration(), logger: quietLogger())
        try await connection.connected(within: .seconds(20))
        let silent = try SilentServer(.afterAccept)
        async let failure = connection.redirect(
            to: [AMQPEndpoint(host: "127.0.0.1", port: silent.port)], tls: nil, filesChanged: false)
        await silent.connected()
        await connection.close()
        #expect(await failure?.code == .stopped)
        silent.close()
    }
}
