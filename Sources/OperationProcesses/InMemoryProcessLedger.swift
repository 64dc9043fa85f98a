import Synchronization

/// A record that ends with the process: for tests, and for a journal in memory.
package final class InMemoryProcessLedger: ProcessLedger {
    private let rows = Mutex<[ProcessGroup: String]>([:])

    package init() {}

    /// The groups that run now, with their owners.
    package var groups: [ProcessGroup: String] { rows.withLock { $0 } }

    package func began(_ group: ProcessGroup, owner: String) async throws { rows.withLock { $0[group] = owner } }

    package func ended(_ group: ProcessGroup) async { _ = rows.withLock { $0.removeValue(forKey: group) } }
}
