import Synchronization

/// An ``AsyncLock`` for each name, kept only while somebody holds it or waits for it.
package final class AsyncTurns: Sendable {
    private struct Entry {
        let lock = AsyncLock()
        var users = 0
    }

    private let entries = Mutex<[String: Entry]>([:])

    package init() {}

    /// Runs `body` once it is this task's turn under the name.
    ///
    /// - Throws: `CancellationError` when the task is cancelled while it waits; else what `body` throws.
    package func withTurn<Result>(_ name: String, _ body: () async throws -> Result) async throws -> Result {
        let lock = entries.withLock { entries in
            entries[name, default: Entry()].users += 1
            return entries[name, default: Entry()].lock
        }
        defer {
            entries.withLock { entries in
                entries[name]?.users -= 1
                if entries[name]?.users == 0 { entries[name] = nil }
            }
        }
        return try await lock.withLock(body)
    }
}
