import AgentTestSupport
import AsyncHTTPClient
import Foundation
import ManagerTestServer
import NIOCore
import Operative
import Testing

@testable import ManagerClient

@Suite("Connections to managers", .timeLimit(.minutes(2)))
struct ManagerPoolTests {
    @Test("A thousand requests of fifty tasks use a handful of connections")
    func reuse() async throws {
        try await withManager { manager, client async throws in
            manager.change { $0.executions["e1"] = ["id": "e1", "status": "started"] }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<50 {
                    group.addTask {
                        // A client of its own for each task, as the agent has it.
                        let credentials = ManagerCredentials(token: .execution("t\(number)"), tenant: "t")
                        let own = client.pool.client(for: client.address, credentials: credentials)
                        for _ in 0..<20 { _ = try await own.execution("e1") }
                    }
                }
                try await group.waitForAll()
            }
            #expect(manager.requests.count == 1000)
            #expect(manager.connectionCount <= ManagerPoolConfiguration().connectionsPerHost)
            #expect(Set(manager.requests.compactMap { $0.header("execution-token") }).count == 50)
        }
    }

    @Test("Connections of certificate authorities that nobody uses any more are given up")
    func authorities() async throws {
        let certificates = try await TLSFixture()
        let manager = try await TestManager(
            identity: TestManager.Identity(certificate: certificates.server.certificate, key: certificates.server.key))
        manager.change { $0.executions["e1"] = ["id": "e1", "status": "started"] }
        let pem = try String(contentsOfFile: certificates.ca, encoding: .utf8)
        try await withPool { pool async throws in
            for number in 0..<20 {
                let authority = Array((pem + String(repeating: "\n", count: number)).utf8)
                let address = try ManagerAddress(
                    scheme: .https, hosts: ["127.0.0.1"], port: manager.port, certificateAuthority: authority)
                let client = pool.client(for: address, credentials: ManagerCredentials(token: nil, tenant: nil))
                _ = try await client.execution("e1")
                #expect(pool.authorityCount <= 9)
            }
        }
        await manager.goDown()
    }

    @Test("After shutdown requests fail, and those under way end")
    func shutdown() async throws {
        let manager = try await TestManager()
        manager.inject(.silence)
        let pool = ManagerPool()
        let address = try ManagerAddress(scheme: .http, hosts: ["127.0.0.1"], port: manager.port)
        let client = pool.client(for: address, credentials: ManagerCredentials(token: nil, tenant: nil))
        let task = Task {
            await failure { () throws(ManagerError) in try await client.retrying(.never).execution("e1") }
        }
        await manager.received(1)
        await pool.shutdown()
        await pool.shutdown()
        #expect(await task.value != nil)
        #expect(await failure { () throws(ManagerError) in try await client.execution("e1") }?.reason == .closed)
        await manager.goDown()
    }

    @Test(
        "A request that had only begun when the pool was closed fails: the threads that serve it do not end before it")
    func shutdownDuringRequest() async throws {
        let pool = ManagerPool(configuration: limits { $0.closingPatience = .seconds(60) })
        let client = try pool.borrow([], request: "x")
        let closing = Task { await pool.shutdown() }
        while !pool.isClosed { await Task.yield() }
        for _ in 0..<20 {
            await #expect(throws: (any Error).self) {
                try await client.execute(HTTPClientRequest(url: "http://127.0.0.1:1/"), timeout: .seconds(30))
            }
        }
        pool.giveBack([])
        await closing.value
    }

    @Test("A request that never ends does not keep the pool from closing")
    func shutdownWithLostRequest() async throws {
        let pool = ManagerPool(configuration: limits { $0.closingPatience = .milliseconds(50) })
        let client = try pool.borrow([], request: "x")
        await pool.shutdown()
        await #expect(throws: (any Error).self) {
            try await client.execute(HTTPClientRequest(url: "http://127.0.0.1:1/"), timeout: .seconds(30))
        }
        pool.giveBack([])
    }

    @Test("A manager that closes the connection in the middle of an upload is an error, not a signal")
    func brokenUpload() async throws {
        try await withManager { manager, client async throws in
            try await withDirectory { directory async throws in
                let file = directory + "/x"
                #expect(FileManager.default.createFile(atPath: file, contents: Data(count: 20 << 20)))
                // Nothing is answered, so that the upload is not over before the manager goes.
                manager.inject(.silence)
                let upload = Task {
                    await failure { () throws(ManagerError) in
                        try await client.retrying(.never).uploadWorkdirFile(
                            file, as: "x", modified: "", to: "d", tenant: "t")
                    }
                }
                await manager.connected(1)
                await manager.goDown()
                #expect(await upload.value != nil)
            }
        }
    }
}
