internal import AgentExecutors
internal import Synchronization

/// Waits for the disk on a thread of its own, once for everybody who asked meanwhile.
final class JournalSyncer: Sendable {
    fileprivate enum Request: Sendable {
        /// Somebody waits to hear of it.
        case urgent(JournalCommand.Completion)
        /// Nobody waits, but a loss of power should not take it.
        case leisurely
    }

    /// How long requests gather. With twice this and what the disk needs for a sync it sets how much a loss of power can take.
    static let interval = Duration.milliseconds(10)

    private let thread: BatchThread<Request>
    private let isLeisurelyRequested: Flag

    /// - Parameters:
    ///   - pause: how long requests gather after a sync that somebody waited for. A sync gathers by itself those that come while it is under way.
    ///   - onFailure: told of a sync that failed and for which nobody waited.
    init(_ log: JournalLog, pause: Duration = interval, onFailure: @escaping @Sendable () -> Void = {}) {
        let isLeisurelyRequested = Flag()
        self.isLeisurelyRequested = isLeisurelyRequested
        thread = BatchThread(name: "op-journal-sync") { requests in
            let waiting = requests.compactMap(\.completion)
            // A short task's start and end are a moment apart: one sync does for both.
            if waiting.isEmpty { BatchThread<Request>.pause(for: Self.interval) }
            // From now on a commit may come too late for this sync, and asks again.
            isLeisurelyRequested.clear()
            let failure = Self.failure(of: log)
            for complete in waiting { complete(failure) }
            if waiting.isEmpty, failure != nil { onFailure() }
            if !waiting.isEmpty, pause > .zero { BatchThread<Request>.pause(for: pause) }
        }
    }

    private static func failure(of log: JournalLog) -> SQLiteError? {
        do throws(SQLiteError) {
            try log.synchronize()
            return nil
        } catch {
            return error
        }
    }

    /// Calls `complete` when everything that was committed before is on the disk.
    func add(_ complete: @escaping JournalCommand.Completion) { thread.add(.urgent(complete)) }

    /// Has everything that was committed before written to the disk soon, within two intervals and what a sync takes.
    func add() {
        if isLeisurelyRequested.set() { thread.add(.leisurely) }
    }

    private final class Flag: Sendable {
        private let isSet = Atomic(false)

        /// - Returns: whether it was not set before.
        func set() -> Bool { !isSet.exchange(true, ordering: .sequentiallyConsistent) }

        func clear() { isSet.store(false, ordering: .sequentiallyConsistent) }
    }
}

extension JournalSyncer.Request {
    fileprivate var completion: JournalCommand.Completion? {
        if case .urgent(let complete) = self { complete } else { nil }
    }
}
