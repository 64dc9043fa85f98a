internal import AgentRuntime
internal import Synchronization

/// What has happened to tasks and is on its way into the database. On a disk that is full this may take long, and the database alone would not tell the truth.
final class PendingRecords: Sendable {
    struct Record: Sendable {
        var outcome: StoredOutcome?
        var isSettled = false
        /// How many changes are on their way.
        var changes = 0
    }

    private let records = Mutex<[TaskKey.Digest: Record]>([:])

    func record(of key: TaskKey) -> Record? { records.withLock { $0[key.digest] } }

    func ended(_ key: TaskKey, _ outcome: StoredOutcome) {
        change(key) { $0.outcome = outcome }
    }

    func settled(_ key: TaskKey) {
        change(key) { $0.isSettled = true }
    }

    private func change(_ key: TaskKey, _ body: (inout Record) -> Void) {
        records.withLock { records in
            func change(_ record: inout Record) {
                body(&record)
                record.changes += 1
            }
            change(&records[key.digest, default: Record()])
        }
    }

    /// These changes have been written.
    func written(_ commands: [JournalCommand]) {
        records.withLock { records in
            for command in commands where command.isHistory {
                guard let index = records.index(forKey: command.key.digest) else { continue }
                records.values[index].changes -= 1
                if records.values[index].changes <= 0 { records.remove(at: index) }
            }
        }
    }
}
