internal import AgentExecutors
internal import Synchronization

/// Waits for the disk on a thread of its own, once for everybody who asked meanwhile.
final class JournalSyncer: Sendable {
    /// How long requests gather. Sets how much a loss of power can take, and how often the disk is asked.
    static let interval = Duration.milliseconds(10)

    private let thread: BatchThread<JournalCommand.Completion>

    init(_ log: WriteAheadLog) {
        thread = BatchThread(name: "op-journal-sync") { waiting in
            let failure = Self.failure(of: log)
            for complete in waiting { complete(failure) }
            BatchThread<JournalCommand.Completion>.pause(for: Self.interval)
        }
    }

    private static func failure(of log: WriteAheadLog) -> SQLiteError? {
        do throws(SQLiteError) {
            try log.synchronize()
            return nil
        } catch {
            return error
        }
    }

    /// Calls `complete` when everything that was committed before is on the disk.
    func add(_ complete: @escaping JournalCommand.Completion) { thread.add(complete) }
}
