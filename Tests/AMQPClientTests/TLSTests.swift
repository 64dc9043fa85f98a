import AMQPClient
import AgentTestSupport
import Testing

@Suite("TLS", .timeLimit(.minutes(6)))
struct TLSTests {
    private struct Setup: Sendable {
        let certificates: TLSFixture
        let node: RabbitMQNode
    }

    private static let setup = Task {
        let certificates = try await TLSFixture()
        let node = try RabbitMQNode(tls: certificates)
        try await node.start()
        return Setup(certificates: certificates, node: node)
    }

    private func settings(_ certificates: TLSFixture) -> AMQPTLSConfiguration {
        AMQPTLSConfiguration(
            caFile: certificates.ca, certificateFile: certificates.client.certificate,
            privateKeyFile: certificates.client.key)
    }

    /// Connects with TLS and sends a message around; hands over why it did not work.
    private func failure(
        host: String = "127.0.0.1", port: Int? = nil,
        _ change: @Sendable (inout AMQPTLSConfiguration, TLSFixture) -> Void = { _, _ in }
    ) async throws -> AMQPError? {
        let setup = try await Self.setup.value
        return try await RabbitMQ.withVirtualHost(on: setup.node) { broker in
            var tls = settings(setup.certificates)
            change(&tls, setup.certificates)
            let configuration = configuration {
                $0.endpoints = [AMQPEndpoint(host: host, port: port ?? setup.node.tlsPort)]
                $0.tls = tls
            }
            let connection = AMQPConnection(configuration: configuration, logger: quietLogger())
            var failure: AMQPError?
            do throws(AMQPError) {
                try await connection.connected(within: .seconds(60))
                try await connection.declare(AMQPTopology(queues: [AMQPQueue(name: "secret")]))
                let deliveries = try await connection.consume(AMQPConsumer(queue: "secret", prefetch: 5))
                // Larger than a TLS record and than what a socket takes at once.
                let body = (0..<2_000_000).map { UInt8(truncatingIfNeeded: $0 &* 13) }
                let outcome = try await connection.publish(AMQPMessage(routingKey: "secret", body: body))
                #expect(outcome == .confirmed)
                let delivery = await first(of: deliveries)
                #expect(delivery?.body == .complete(body))
                delivery?.acknowledge()
            } catch {
                failure = error
            }
            await connection.close(within: .zero)
            return failure
        }
    }

    @Test(
        "A good certificate is accepted by name, by IP address and by wildcard",
        arguments: [
            ("localhost", nil), ("127.0.0.1", nil), ("127.0.0.1", "node-1.broker.test"), ("127.0.0.1", "localhost"),
        ] as [(String, String?)])
    func good(host: String, serverName: String?) async throws {
        let failure = try await failure(host: host) { tls, _ in tls.serverName = serverName }
        #expect(failure == nil)
    }

    @Test(
        "A certificate that does not name the host is refused, and the message names the host",
        arguments: [
            "elsewhere.test", "a.b.broker.test", "broker.test", "127.0.0.2", "localhost.evil.test",
        ])
    func wrongHost(serverName: String) async throws {
        let failure = try await failure { tls, _ in tls.serverName = serverName }
        #expect(failure?.code == .tlsRefused)
        #expect(
            failure?.message == "the broker's certificate (subject /CN=server) is not valid for host '\(serverName)'")
    }

    @Test("With the host name check off, any certificate of the authority is accepted")
    func hostnameCheckOff() async throws {
        let failure = try await failure { tls, _ in
            tls.serverName = "elsewhere.test"
            tls.verifyHostname = false
        }
        #expect(failure == nil)
    }

    @Test("A certificate of another authority is refused, also with the host name check off", arguments: [true, false])
    func wrongAuthority(verifyHostname: Bool) async throws {
        let failure = try await failure { tls, certificates in
            tls.caFile = certificates.otherCA
            tls.verifyHostname = verifyHostname
        }
        #expect(failure?.code == .tlsRefused)
        #expect(failure?.message.contains("signed by an unknown authority") == true)
        #expect(failure?.message.contains("other-ca.pem") == true)
    }

    @Test("An authority of the system's store is not enough for a private certificate")
    func systemStore() async throws {
        let failure = try await failure { tls, _ in tls.caFile = nil }
        #expect(failure?.code == .tlsRefused)
        #expect(failure?.message.contains("the system's store") == true)
    }

    @Test("A missing client certificate is told from every other refusal")
    func missingClientCertificate() async throws {
        let failure = try await failure { tls, _ in
            tls.certificateFile = nil
            tls.privateKeyFile = nil
        }
        #expect(failure?.code == .tlsRefused)
        #expect(failure?.message.contains("wants a client certificate and none is configured") == true)
    }

    @Test("A client certificate of another authority is refused, and the message names its file")
    func wrongClientCertificate() async throws {
        let failure = try await failure { tls, certificates in
            tls.certificateFile = certificates.otherClient.certificate
            tls.privateKeyFile = certificates.otherClient.key
        }
        #expect(failure?.code == .tlsRefused)
        #expect(failure?.message.contains("refused the client certificate") == true)
        #expect(failure?.message.contains("other-client.pem") == true)
    }

    @Test("An expired certificate is refused as expired")
    func expired() async throws {
        let setup = try await Self.setup.value
        try await TLSServer.with(setup.certificates.expiredServer) { server in
            let failure = try await failure(port: server.port)
            #expect(failure?.code == .tlsRefused)
            #expect(failure?.message == "the broker's certificate (subject /CN=expired) has expired")
        }
    }

    @Test("A server with a certificate for another host is refused")
    func certificateOfAnotherHost() async throws {
        let setup = try await Self.setup.value
        try await TLSServer.with(setup.certificates.wrongHostServer) { server in
            let failure = try await failure(host: "localhost", port: server.port)
            #expect(failure?.code == .tlsRefused)
            #expect(failure?.message.contains("is not valid for host 'localhost'") == true)
        }
    }

    @Test("A port that does not speak TLS is recognised")
    func plainPort() async throws {
        let setup = try await Self.setup.value
        let failure = try await failure(port: setup.node.port)
        #expect(failure?.code == .tlsRefused)
        #expect(failure?.message.contains("does this port speak TLS?") == true)
    }

    @Test("Files that cannot be read are named", arguments: ["caFile", "certificateFile", "privateKeyFile"])
    func missingFile(field: String) async throws {
        let failure = try await failure { tls, _ in
            switch field {
            case "caFile": tls.caFile = "/nonexistent/file.pem"
            case "certificateFile": tls.certificateFile = "/nonexistent/file.pem"
            default: tls.privateKeyFile = "/nonexistent/file.pem"
            }
        }
        #expect(failure?.code == .invalidConfiguration)
        #expect(failure?.message.contains("/nonexistent/file.pem") == true)
    }

    @Test(
        "Closing does not wait for a peer that is silent after the TLS handshake, or instead of it",
        arguments: [true, false])
    func silence(afterHandshake: Bool) async throws {
        let setup = try await Self.setup.value
        @Sendable func close(port: Int, _ isReached: @Sendable () -> Bool) async throws {
            let configuration = AMQPConfiguration(
                endpoints: [AMQPEndpoint(host: "localhost", port: port)], tls: settings(setup.certificates))
            let connection = AMQPConnection(configuration: configuration, logger: quietLogger())
            connection.start()
            if afterHandshake {
                await #expect { try await connection.connected(within: .milliseconds(300)) } throws: {
                    ($0 as? AMQPError)?.code == .timedOut
                }
            } else {
                try await eventually("the peer has accepted") { isReached() }
            }
            let took = await Stopwatch.measure { await connection.close(within: .zero) }
            #expect(took < .milliseconds(500))
        }
        if afterHandshake {
            try await TLSServer.with(setup.certificates.server) { try await close(port: $0.port) { true } }
        } else {
            let server = try SilentServer(.afterAccept)
            defer { server.close() }
            try await close(port: server.port) { server.connectionCount > 0 }
        }
    }
}
