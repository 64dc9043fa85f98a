internal import DequeModule
internal import Synchronization

/// A journal that lives as long as its process: while that runs, nothing is run twice; of what an earlier process did it knows nothing.
///
/// Settled outcomes are kept until `maximumBytes` are used, then forgotten oldest first.
package final class InMemoryJournal: TaskJournal {
    private enum Record {
        case interrupted
        case finished(StoredOutcome)
        case settled(StoredOutcome)
    }

    private struct State {
        var records: [TaskKey.Digest: Record] = [:]
        var settledOrder = Deque<TaskKey.Digest>()
        var settledBytes = 0
    }

    private static let bytesPerRecord = 96
    private let state = Mutex(State())
    private let maximumBytes: Int
    package let isFresh: Bool
    package var isDurable: Bool { false }
    package var problem: String? { nil }

    /// - Parameters:
    ///   - isFresh: nothing is known of earlier processes, not even that there were none.
    ///   - interrupted: tasks to be taken for started and never finished.
    package init(isFresh: Bool, maximumBytes: Int = 16 << 20, interrupted: [TaskKey] = []) {
        self.isFresh = isFresh
        self.maximumBytes = maximumBytes
        state.withLock { state in
            for key in interrupted { state.records[key.digest] = .interrupted }
        }
    }

    package func entry(for key: TaskKey) async -> JournalEntry {
        let digest = key.digest
        return state.withLock { state in
            switch state.records[digest] {
            case nil: .unknown
            case .interrupted: .interrupted(InterruptedStart())
            case .finished(let outcome): .finished(outcome, isSettled: false)
            case .settled(let outcome): .finished(outcome, isSettled: true)
            }
        }
    }

    package func start(_ key: TaskKey, task: JournalledTask) async throws {
        // The runtime itself knows what it runs, and this journal does not outlive it.
    }

    package func keep(_ key: TaskKey, task: JournalledTask) async throws {
        // Nothing here outlives the process, so the broker stays responsible.
    }

    package func finish(_ key: TaskKey, task: JournalledTask, outcome: StoredOutcome) async throws {
        let digest = key.digest
        state.withLock { $0.records[digest] = .finished(outcome) }
    }

    package func unfinished() async -> [UnfinishedTask] { [] }
    package func overdue() async -> [OverdueAttempt] { [] }
    package func probe() async -> Bool { true }

    package func settle(_ key: TaskKey) async {
        let digest = key.digest
        state.withLock { state in
            guard case .finished(let outcome) = state.records[digest] else { return }
            // What was parked lives on in the broker; its body is not needed again.
            let kept = outcome.withoutParkedBody
            state.records[digest] = .settled(kept)
            state.settledOrder.append(digest)
            state.settledBytes += kept.byteCount + Self.bytesPerRecord
            while state.settledBytes > maximumBytes, let oldest = state.settledOrder.popFirst() {
                guard case .settled(let outcome) = state.records.removeValue(forKey: oldest) else { continue }
                state.settledBytes -= outcome.byteCount + Self.bytesPerRecord
            }
        }
    }
}

extension StoredOutcome {
    fileprivate var withoutParkedBody: StoredOutcome {
        if case .retry(_, let delay) = self { return .retry(body: [], delay: delay) }
        return self
    }

    fileprivate var byteCount: Int {
        switch self {
        case .reply(let body): body.count
        case .retry(let body, _): body.count
        case .silence: 0
        }
    }
}
