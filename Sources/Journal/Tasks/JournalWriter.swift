internal import AgentExecutors
internal import AgentRuntime
internal import Synchronization

/// The only one who writes to `journal.db`: on a thread of its own, everything that has gathered in one transaction.
final class JournalWriter: Sendable {
    private struct State: ~Copyable {
        var table: JournalTable
        /// History that could not be written yet, oldest first.
        var backlog: [JournalCommand] = []
        var batches = 0
        var tidying = JournalTidying()
    }

    /// How many transactions come between two looks at the limits.
    static let batchesPerTidying = 512

    /// So many commands at once are a sign of load: then a moment is left for more to gather, because a transaction is dear.
    private static let crowd = 16
    private static let pause = Duration.microseconds(300)

    private let state: Mutex<State>
    private let syncer: JournalSyncer
    private let limits: JournalLimits
    private let now: @Sendable () -> Int64
    private let failure = Mutex<SQLiteError?>(nil)
    private let onWritten: @Sendable ([JournalCommand]) -> Void
    private let onLost: @Sendable (LostReplies) -> Void
    private let askAgain = Mutex<(@Sendable () -> Void)?>(nil)

    /// - Parameters:
    ///   - onWritten: told of what is in the database now.
    ///   - onLost: told of undeliverable replies that the limits have removed.
    init(
        _ connection: consuming sending SQLiteConnection, limits: JournalLimits, syncer: JournalSyncer,
        now: @escaping @Sendable () -> Int64, onWritten: @escaping @Sendable ([JournalCommand]) -> Void,
        onLost: @escaping @Sendable (LostReplies) -> Void
    ) {
        state = Mutex(State(table: JournalTable(connection)))
        self.limits = limits
        self.syncer = syncer
        self.now = now
        self.onWritten = onWritten
        self.onLost = onLost
    }

    /// Why nothing can be written at present; nil when it can.
    var problem: SQLiteError? { failure.withLock { $0 } }

    /// Uses the connection beside the commands.
    func use<Result: Sendable>(
        _ body: (inout SQLiteConnection) throws -> sending Result
    ) throws -> Result {
        try state.withLock { try body(&$0.table.connection) }
    }

    /// Calls `ask` after each slice of tidying that was not the last: it sees to it that `write` is called once more, behind whoever waits by then.
    func onUnfinishedTidying(_ ask: @escaping @Sendable () -> Void) { askAgain.withLock { $0 = ask } }

    /// Writes commands, all or none, and tells those who wait. Then does one slice of tidying, if there is any to do.
    func write(_ commands: [JournalCommand]) {
        // Nothing is written, so nothing is learnt about the disk.
        if commands.count == 1, case .tidy = commands[0].change { return tidyNowAndThen() }
        let (error, written) = state.withLock { state in
            let due = state.backlog + commands
            do throws(SQLiteError) {
                try Self.commit(due, &state.table, now: now())
                state.backlog = []
                return (SQLiteError?.none, due)
            } catch {
                state.table.forgetRows()
                state.backlog += commands.filter(\.isHistory).map(\.unattended)
                return (error, [])
            }
        }
        failure.withLock { $0 = error }
        onWritten(written)
        for command in commands {
            guard let complete = command.complete else { continue }
            if error == nil, command.isSynchronized { syncer.add(complete) } else { complete(error) }
        }
        tidyNowAndThen()
        if commands.count >= Self.crowd { BatchThread<JournalCommand>.pause(for: Self.pause) }
    }

    private static func commit(
        _ commands: [JournalCommand], _ table: inout JournalTable, now: Int64
    ) throws(SQLiteError) {
        try table.connection.run("BEGIN IMMEDIATE")
        do throws(SQLiteError) {
            for command in commands { try table.apply(command, now: now) }
            try table.connection.run("COMMIT")
        } catch {
            // Some errors have ended the transaction already; then there is nothing to undo.
            try? table.connection.run("ROLLBACK")
            throw error
        }
    }

    private func tidyNowAndThen() {
        let (lost, isUnfinished) = state.withLock { state -> (LostReplies?, Bool) in
            if !state.tidying.isUnderWay {
                state.batches += 1
                guard state.batches % Self.batchesPerTidying == 0 else { return (nil, false) }
                state.tidying.begin()
            }
            // What cannot be forgotten now is forgotten the next time.
            let lost = try? state.tidying.slice(&state.table.connection, limits: limits, now: now())
            return (lost, state.tidying.isUnderWay)
        }
        if let lost, lost.count > 0 { onLost(lost) }
        if isUnfinished { askAgain.withLock { $0 }?() }
    }
}
