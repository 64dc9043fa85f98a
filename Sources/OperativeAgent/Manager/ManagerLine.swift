internal import ManagerClient
internal import Synchronization

/// One task's way to its manager, found when it is first needed.
final class ManagerLine: Sendable {
    private let connections: ManagerConnections
    private let facts: ManagerFacts
    private let found = Mutex<ManagerClient?>(nil)

    init(connections: ManagerConnections, facts: ManagerFacts) {
        self.connections = connections
        self.facts = facts
    }

    /// - Throws: an error for the operation.
    func call<Answer: Sendable>(_ body: (ManagerClient) async throws -> Answer) async throws -> Answer {
        do {
            return try await body(try client())
        } catch {
            throw ManagerCall.failure(error)
        }
    }

    func client() throws -> ManagerClient {
        if let client = found.withLock({ $0 }) { return client }
        let client = try connections.client(for: facts)
        found.withLock { $0 = client }
        return client
    }
}
