import AMQPClient
import AgentTestSupport
import Testing

@Suite("Connecting", .rabbitMQ, .timeLimit(.minutes(3)))
struct ConnectingTests {
    /// Connects and hands over why it did not work.
    private func failure(
        within limit: Duration = .seconds(20), _ change: (inout AMQPConfiguration) -> Void
    ) async -> (AMQPError?, took: Duration) {
        let connection = AMQPConnection(configuration: configuration(change), logger: quietLogger())
        let watch = Stopwatch()
        var failure: AMQPError?
        do throws(AMQPError) {
            try await connection.connected(within: limit)
        } catch {
            failure = error
        }
        let took = watch.stop()
        await connection.close()
        return (failure, took)
    }

    @Test("A wrong password is refused at once, and the message names the user but not the password")
    func wrongPassword() async throws {
        let (error, took) = await failure { $0.password = "a-secret-that-is-wrong" }
        #expect(error?.code == .authenticationRefused)
        #expect(error?.replyCode == 403)
        #expect(error?.message.contains("'guest'") == true)
        #expect(error?.message.contains("a-secret") == false)
        #expect(took < .seconds(10))
    }

    @Test("A virtual host that is not there is refused at once and named")
    func missingVirtualHost() async throws {
        let (error, _) = await failure { $0.virtualHost = "not-there" }
        #expect(error?.code == .authenticationRefused)
        #expect(error?.replyCode == 530)
        #expect(error?.message.contains("virtual host 'not-there'") == true)
        #expect(error?.isRetriable == false)
    }

    @Test("A virtual host that the user may not use is refused at once and named")
    func forbiddenVirtualHost() async throws {
        let management = RabbitMQ.current.node.management
        let user = "user-\(RabbitMQ.current.virtualHost)"
        try await management.createUser(user, password: "p")
        let (error, _) = await failure {
            $0.username = user
            $0.password = "p"
        }
        try await management.deleteUser(user)
        #expect(error?.code == .authenticationRefused)
        #expect(error?.message.contains(RabbitMQ.current.virtualHost) == true)
    }

    @Test("Without a listener the deadline brings the reason of the last attempt")
    func unreachable() async throws {
        let (error, _) = await failure(within: .seconds(3)) {
            $0.endpoints = [AMQPEndpoint(host: "127.0.0.1", port: 1)]
        }
        #expect(error?.code == .unreachable)
        #expect(error?.message == "cannot connect to 127.0.0.1:1: Connection refused")
        #expect(error?.isRetriable == true)
    }

    @Test("A host name that does not exist is named")
    func unknownHost() async throws {
        let (error, _) = await failure(within: .seconds(8)) {
            $0.endpoints = [AMQPEndpoint(host: "no-such-host.invalid")]
        }
        #expect(error?.code == .unreachable || error?.code == .timedOut)
        #expect(error?.message.contains("no-such-host.invalid") == true)
    }

    @Test("Something that is not a broker is recognised")
    func notABroker() async throws {
        let server = try SilentServer(.afterNonsense)
        defer { server.close() }
        let (error, _) = await failure { $0.endpoints = [AMQPEndpoint(host: "127.0.0.1", port: server.port)] }
        #expect(error?.code == .protocolViolation)
    }

    @Test(
        "A configuration that cannot work is refused without an attempt",
        arguments: [
            AMQPConfiguration(endpoints: []),
            AMQPConfiguration(endpoints: [AMQPEndpoint(host: "h", port: 0)]),
            AMQPConfiguration(endpoints: [AMQPEndpoint(host: "")]),
            AMQPConfiguration(
                endpoints: [AMQPEndpoint(host: "h")], tls: AMQPTLSConfiguration(certificateFile: "only-one.pem")),
            AMQPConfiguration(endpoints: [AMQPEndpoint(host: "h")], frameMax: 100),
        ])
    func invalid(configuration: AMQPConfiguration) async throws {
        let connection = AMQPConnection(configuration: configuration, logger: quietLogger())
        await #expect { try await connection.connected(within: .seconds(60)) } throws: {
            ($0 as? AMQPError)?.code == .invalidConfiguration
        }
        await #expect { try await connection.publish(numbered(1, to: "q")) } throws: {
            ($0 as? AMQPError)?.code == .stopped
        }
        await connection.close(within: .seconds(5))
    }

    // MARK: Silent peers

    @Test(
        "Closing does not wait for a peer that accepts and says nothing",
        arguments: [
            SilentServer.Silence.afterAccept, .afterConnectionStart,
        ])
    func silentPeer(silence: SilentServer.Silence) async throws {
        let server = try SilentServer(silence)
        defer { server.close() }
        let silent = configuration { $0.endpoints = [AMQPEndpoint(host: "127.0.0.1", port: server.port)] }
        let connection = AMQPConnection(configuration: silent, logger: quietLogger())
        connection.start()
        let outcomes = Collector<AMQPPublishOutcome>()
        connection.send(numbered(1, to: "q")) { outcomes.add($0) }
        try await eventually("the peer has accepted") { server.connectionCount > 0 }
        let took = await Stopwatch.measure { await connection.close(within: .zero) }
        #expect(took < .milliseconds(500))
        #expect(outcomes.elements == [.stopped])
    }

    @Test(
        "A peer that says nothing is given up at the login's deadline, with a message that says so",
        arguments: [
            SilentServer.Silence.afterAccept, .afterConnectionStart,
        ])
    func silentLogin(silence: SilentServer.Silence) async throws {
        let server = try SilentServer(silence)
        defer { server.close() }
        let (error, took) = await failure(within: .seconds(5)) {
            $0.endpoints = [AMQPEndpoint(host: "127.0.0.1", port: server.port)]
            $0.loginTimeout = .milliseconds(500)
        }
        #expect(error?.code == .timedOut)
        #expect(error?.message.contains("AMQP login") == true)
        // What the caller waits at most, and a good second more.
        #expect(took < .seconds(5 + 2))
    }

    @Test("Nothing of a connection is left once it is closed and nobody holds it")
    func deallocation() async throws {
        weak var remembered: AMQPConnection?
        do {
            let connection = AMQPConnection(configuration: configuration(), logger: quietLogger())
            remembered = connection
            try await connection.connected(within: .seconds(60))
            try await connection.declare(AMQPTopology(queues: [AMQPQueue(name: "q")]))
            let deliveries = try await connection.consume(AMQPConsumer(queue: "q", prefetch: 1))
            #expect(try await connection.publish(numbered(1, to: "q")) == .confirmed)
            #expect(await first(of: deliveries)?.number == 1)
            await connection.close(within: .zero)
            #expect(await first(of: deliveries) == nil)
        }
        try await eventually("the connection is gone") { remembered == nil }
    }

    // MARK: Probing

    @Test("Refusals on a channel that was lent say why, and hurt nobody else")
    func probing() async throws {
        try await withConnection { connection in
            try await connection.declare(AMQPTopology(queues: [AMQPQueue(name: "here")]))
            let deliveries = try await connection.consume(AMQPConsumer(queue: "here", prefetch: 1))
            await #expect { try await connection.withChannel { try await $0.inspect(queue: "absent") } } throws: {
                ($0 as? AMQPError)?.code == .notFound
            }
            await #expect {
                try await connection.withChannel {
                    try await $0.declare(AMQPQueue(name: "here", arguments: ["x-message-ttl": 5]))
                }
            } throws: {
                ($0 as? AMQPError)?.code == .preconditionFailed && ($0 as? AMQPError)?.replyCode == 406
            }
            await #expect {
                try await connection.withChannel { try await $0.declare(AMQPExchange(name: "amq.mine")) }
            } throws: {
                ($0 as? AMQPError)?.code == .accessRefused
            }
            await #expect {
                try await connection.withChannel { try await $0.delete(queue: "here", ifUnused: true) }
            } throws: {
                ($0 as? AMQPError)?.code == .preconditionFailed
            }
            try await connection.withChannel { channel in
                _ = try? await channel.inspect(queue: "absent")
                await #expect { try await channel.inspect(queue: "here") } throws: {
                    ($0 as? AMQPError)?.code == .channelClosed
                }
            }
            #expect(try await connection.publish(numbered(1, to: "here")) == .confirmed)
            #expect(await first(of: deliveries)?.number == 1)
        }
    }

    @Test("A channel that was lent fetches, binds, purges and deletes; what was fetched and not settled goes back")
    func administration() async throws {
        try await withConnection { connection in
            let count = try await connection.withChannel { channel in
                let queue = try await channel.declare(AMQPQueue(name: "", durable: false, exclusive: true))
                #expect(queue.name.hasPrefix("amq.gen-"))
                try await channel.declare(AMQPExchange(name: "fan", type: "fanout", durable: false))
                try await channel.bind(AMQPBinding(queue: queue.name, exchange: "fan"))
                try await channel.declare(AMQPExchange(name: "second", type: "direct"))
                try await channel.bind(AMQPBinding(destination: .exchange("fan"), exchange: "second", routingKey: "k"))
                for _ in 0..<3 {
                    #expect(
                        try await connection.publish(AMQPMessage(exchange: "second", routingKey: "k", body: [1]))
                            == .confirmed)
                }
                #expect(try await channel.get(queue: queue.name) != nil)
                let back = try #require(try await channel.get(queue: queue.name))
                back.reject(requeue: true)
                try #require(try await channel.get(queue: queue.name)).acknowledge()
                try await channel.unbind(AMQPBinding(queue: queue.name, exchange: "fan"))
                #expect(
                    try await connection.publish(AMQPMessage(exchange: "fan", routingKey: "", body: [1]))
                        == .returned(code: 312, text: "NO_ROUTE"))
                try await channel.delete(exchange: "fan")
                let purged = try await channel.purge(queue: queue.name)
                #expect(try await channel.get(queue: queue.name) == nil)
                #expect(try await channel.delete(queue: queue.name) == 0)
                return purged
            }
            #expect(count == 1)
        }
    }
}
