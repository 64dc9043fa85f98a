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
        records.withLock { records in
            records[key.digest, default: Record()].outcome = outcome
            records[key.digest, default: Record()].changes += 1
        }
    }

    func settled(_ key: TaskKey) {
        records.withLock { records in
            records[key.digest, default: Record()].isSettled = true
            records[key.digest, default: Record()].changes += 1
        }
    }

    /// These changes have been written.
    func written(_ commands: [JournalCommand]) {
        records.withLock { records in
            for command in commands where command.isHistory {
                guard var record = records[command.key.digest] else { continue }
                record.changes -= 1
                records[command.key.digest] = record.changes > 0 ? record : nil
            }
        }
    }
}
