import AgentTestSupport
import Foundation
import ManagerClient
import ManagerTestServer
import Operative
import Testing

@Suite("TLS with a manager", .timeLimit(.minutes(3)))
struct ManagerTLSTests {
    private static let certificates = Task { try await TLSFixture() }

    /// Asks a manager with this identity; hands over why it did not work.
    private func error(
        _ identity: KeyPath<TLSFixture, TLSFixture.Identity>, host: String = "127.0.0.1",
        _ facts: (TLSFixture) throws -> ManagerFacts
    ) async throws -> ManagerError? {
        let certificates = try await Self.certificates.value
        let files = certificates[keyPath: identity]
        let manager = try await TestManager(
            identity: TestManager.Identity(certificate: files.certificate, key: files.key))
        manager.change { $0.executions["e1"] = ["id": "e1", "status": "started"] }
        var facts = try facts(certificates)
        facts.hosts = [host]
        facts.port = manager.port
        let address = try ManagerAddress.resolve(facts, environment: ["LOCAL_REST_CERT_FILE": certificates.ca])
        let error = try await withPool { pool async throws in
            let client = pool.client(for: address, credentials: ManagerCredentials(facts))
            return await failure { () throws(ManagerError) in try await client.execution("e1") }
        }
        await manager.goDown()
        return error
    }

    @Test("A good certificate is accepted by IP address and by name", arguments: ["127.0.0.1", "localhost"])
    func good(_ host: String) async throws {
        #expect(try await error(\.server, host: host) { _ in ManagerFacts() } == nil)
    }

    @Test("A certificate of another authority, of another name or out of date is refused at once")
    func bad() async throws {
        for identity: KeyPath<TLSFixture, TLSFixture.Identity> in [
            \.otherServer, \.wrongHostServer, \.expiredServer,
        ] {
            let error = try await error(identity) { _ in ManagerFacts() }
            #expect(error?.reason == .untrusted, "\(String(describing: error))")
        }
    }

    @Test("The task's rest_ssl_cert takes the place of the file, in both directions")
    func override() async throws {
        func pem(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
        #expect(try await error(\.otherServer) { ManagerFacts(certificateAuthority: try pem($0.otherCA)) } == nil)
        let error = try await error(\.server) { ManagerFacts(certificateAuthority: try pem($0.otherCA)) }
        #expect(error?.reason == .untrusted)
        let nonsense = try await self.error(\.server) { _ in ManagerFacts(certificateAuthority: "nonsense") }
        #expect(nonsense?.reason == .untrusted && nonsense?.message.contains("PEM") == true)
    }

    @Test("Without a certificate authority nothing is trusted, and plain HTTP is no TLS")
    func none() async throws {
        let manager = try await TestManager()
        try await withPool { pool async throws in
            let bare = try ManagerAddress(scheme: .https, hosts: ["127.0.0.1"], port: manager.port)
            let credentials = ManagerCredentials(token: nil, tenant: nil)
            let client = pool.client(for: bare, credentials: credentials)
            #expect(await failure { () throws(ManagerError) in try await client.execution("e1") }?.reason == .untrusted)

            let authority = try await Self.certificates.value.ca
            let pem = Array(try String(contentsOfFile: authority, encoding: .utf8).utf8)
            let address = try ManagerAddress(
                scheme: .https, hosts: ["127.0.0.1"], port: manager.port, certificateAuthority: pem)
            let encrypted = pool.client(for: address, credentials: credentials)
            let error = await failure { () throws(ManagerError) in try await encrypted.execution("e1") }
            #expect(error?.reason == .untrusted, "\(String(describing: error))")
            #expect(manager.requests.isEmpty)
        }
        await manager.goDown()
    }
}
