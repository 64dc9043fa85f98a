internal import AgentRuntime
internal import Synchronization

/// Tasks whose settlement is on its way into the database.
final class SettlingKeys: Sendable {
    private let keys = Mutex<Set<TaskKey.Digest>>([])

    func insert(_ key: TaskKey) { _ = keys.withLock { $0.insert(key.digest) } }
    func contains(_ key: TaskKey) -> Bool { keys.withLock { $0.contains(key.digest) } }

    func remove(_ written: [TaskKey]) {
        guard !written.isEmpty else { return }
        keys.withLock { keys in
            for key in written { keys.remove(key.digest) }
        }
    }
}
