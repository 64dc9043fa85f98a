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
    }

    /// How many transactions come between two looks at the limits.
    private static let batchesPerTidying = 512

    /// So many commands at once are a sign of load: then a moment is left for more to gather, because a transaction is dear.
    private static let crowd = 16
    private static let pause = Duration.microseconds(300)

    private let state: Mutex<State>
    private let syncer: JournalSyncer
    private let limits: JournalLimits
    private let now: @Sendable () -> Int64
    private let failure = Mutex<SQLiteError?>(nil)
    private let onWritten: @Sendable ([JournalCommand]) -> Void

    /// - Parameter onWritten: told of what is in the database now.
    init(
        _ connection: consuming sending SQLiteConnection, limits: JournalLimits, syncer: JournalSyncer,
        now: @escaping @Sendable () -> Int64, onWritten: @escaping @Sendable ([JournalCommand]) -> Void
    ) {
        state = Mutex(State(table: JournalTable(connection)))
        self.limits = limits
        self.syncer = syncer
        self.now = now
        self.onWritten = onWritten
    }

    /// Why nothing can be written at present; nil when it can.
    var problem: SQLiteError? { failure.withLock { $0 } }

    /// Uses the connection beside the commands.
    func use<Result: Sendable>(
        _ body: (inout SQLiteConnection) throws -> sending Result
    ) throws -> Result {
        try state.withLock { try body(&$0.table.connection) }
    }

    /// Writes commands, all or none, and tells those who wait.
    func write(_ commands: [JournalCommand]) {
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
        state.withLock { state in
            state.batches += 1
            guard state.batches % Self.batchesPerTidying == 0 else { return }
            // What cannot be forgotten now is forgotten the next time.
            try? JournalTidying.run(&state.table.connection, limits: limits, now: now())
        }
    }
}
