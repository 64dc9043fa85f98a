import Foundation
import ManagerClient
import ManagerTestServer
import Operative
import Synchronization

/// A clock that moves only when somebody sleeps.
final class VirtualTime: Sendable {
    private let state = Mutex((now: Duration.zero, pauses: [Duration]()))

    var pauses: [Duration] { state.withLock { $0.pauses } }
    var now: Duration { state.withLock { $0.now } }

    /// A clock whose sleepers first let `before` happen.
    func clock(before: @escaping @Sendable (Int) async throws -> Void = { _ in }) -> ManagerTime {
        ManagerTime(
            now: { self.now },
            sleep: { pause in
                let count = self.state.withLock { state in
                    state.now += pause
                    state.pauses.append(pause)
                    return state.pauses.count
                }
                try await before(count)
            })
    }
}

/// The standard limits with changes; the first host is asked first.
func limits(_ change: (inout ManagerPoolConfiguration) -> Void = { _ in }) -> ManagerPoolConfiguration {
    var configuration = ManagerPoolConfiguration()
    configuration.firstHost = { _ in 0 }
    change(&configuration)
    return configuration
}

/// Lends a pool and closes it.
func withPool<Result: Sendable>(
    _ configuration: ManagerPoolConfiguration = limits(), _ body: (ManagerPool) async throws -> Result
) async throws -> Result {
    let pool = ManagerPool(configuration: configuration)
    do {
        let result = try await body(pool)
        await pool.shutdown()
        return result
    } catch {
        await pool.shutdown()
        throw error
    }
}

/// Lends a manager without TLS and a client for it.
func withManager<Result: Sendable>(
    credentials: ManagerCredentials = ManagerCredentials(token: .execution("token-1"), tenant: "default_tenant"),
    sender: ManagerSender = ManagerSender(agentName: "host_agent1"),
    _ configuration: ManagerPoolConfiguration = limits(), _ body: (TestManager, ManagerClient) async throws -> Result
) async throws -> Result {
    let manager = try await TestManager()
    let result = try await withPool(configuration) { pool async throws in
        let address = try ManagerAddress(scheme: .http, hosts: ["127.0.0.1"], port: manager.port)
        return try await body(manager, pool.client(for: address, credentials: credentials, sender: sender))
    }
    await manager.goDown()
    return result
}

/// The error that a call of a client throws; `nil` when it throws none.
func failure<Result>(of body: () async throws(ManagerError) -> Result) async -> ManagerError? {
    do throws(ManagerError) {
        _ = try await body()
        return nil
    } catch {
        return error
    }
}

/// Lends a fresh directory.
func withDirectory<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let directory = FileManager.default.temporaryDirectory.appending(path: "manager-client-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    return try await body(directory.path)
}

/// What a file has.
func content(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

/// The names in a directory.
func listing(_ path: String) throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
