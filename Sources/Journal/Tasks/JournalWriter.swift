internal import AgentExecutors
internal import AgentRuntime
internal import Synchronization

/// The only one who writes to `journal.db`: on a thread of its own, everything that has gathered in one transaction.
final class JournalWriter: Sendable {
    private struct State: ~Copyable {
        var table: JournalTable
        var folder: KeyFolder
        /// History that could not be written yet, oldest first.
        var backlog: [JournalCommand] = []
        /// Settlements that may wait, oldest first.
        var held: [JournalCommand] = []
        var batches = 0
        var tidying = JournalTidying()
    }

    /// How many transactions come between two looks at the limits.
    static let batchesPerTidying = 512

    /// So many commands at once are a sign of load: then a moment is left for more to gather, because a transaction is dear.
    private static let crowd = 16
    private static let pause = Duration.microseconds(300)
    /// Under load so many settlements are written together: their rows are neighbours, and each page is written once instead of many times.
    private static let heldSettlements = 256

    private let state: Mutex<State>
    private let log: JournalLog
    private let syncer: JournalSyncer
    private let limits: JournalLimits
    private let index: KeyIndex
    private let now: @Sendable () -> Int64
    private let failure = Mutex<SQLiteError?>(nil)
    private let onWritten: @Sendable ([JournalCommand]) -> Void
    private let onLost: @Sendable (LostReplies) -> Void
    private let onRefused: @Sendable (SQLiteError) -> Void
    private let alarm: JournalAlarm
    private let askAgain = Mutex<(@Sendable () -> Void)?>(nil)

    /// - Parameters:
    ///   - foldsAt: how many keys make it worth while to put them into the index.
    ///   - onWritten: told of what is in the database now.
    ///   - onLost: told of undeliverable replies that the limits have removed.
    ///   - onRefused: told why something was not written, and never will be, while everything else was.
    ///   - alarm: raised when something cannot be written and nobody waits for it who could say so.
    init(
        _ connection: consuming sending SQLiteConnection, index: KeyIndex, foldsAt: Int = KeyFolder.threshold,
        limits: JournalLimits, durability: JournalDurability, log: JournalLog, now: @escaping @Sendable () -> Int64,
        onWritten: @escaping @Sendable ([JournalCommand]) -> Void, onLost: @escaping @Sendable (LostReplies) -> Void,
        onRefused: @escaping @Sendable (SQLiteError) -> Void = { _ in }, alarm: JournalAlarm = JournalAlarm()
    ) throws(SQLiteError) {
        let nextRow = try JournalTable.firstFreeRow(&connection)
        let statements = try TaskStatements(connection)
        let table = JournalTable(connection, statements, index, nextRow: nextRow)
        state = Mutex(State(table: table, folder: KeyFolder(index, threshold: foldsAt)))
        self.index = index
        self.limits = limits
        self.log = log
        // With strict durability every operation waits for its syncs: a pause between them would only make it slow.
        syncer = JournalSyncer(
            log, pause: durability == .strict ? .zero : JournalSyncer.interval, onFailure: alarm.raise)
        self.now = now
        self.onWritten = onWritten
        self.onLost = onLost
        self.onRefused = onRefused
        self.alarm = alarm
    }

    deinit { log.close() }

    /// Why nothing can be written at present; nil when it can.
    var problem: SQLiteError? { failure.withLock { $0 } ?? log.problem }

    /// Has `report` called when nothing can be written any more for as long as this process lives.
    func onLoss(_ report: @escaping @Sendable (SQLiteError) -> Void) { log.onLoss(report) }

    /// Uses the connection beside the commands.
    func use<Result: Sendable>(
        _ body: @Sendable (inout SQLiteConnection) throws -> Result
    ) throws -> Result {
        try state.withLock { state in
            try log.restoreTrust(state.table.connection)
            let result = try log.change { try body(&state.table.connection) }
            syncer.add()
            return result
        }
    }

    /// Calls `ask` after each slice of tidying that was not the last: it sees to it that `write` is called once more, behind whoever waits by then.
    func onUnfinishedTidying(_ ask: @escaping @Sendable () -> Void) { askAgain.withLock { $0 = ask } }

    /// Writes commands, together or not at all unless one of them can never be written, and tells those who wait. Then does one slice of tidying, if there is any to do.
    func write(_ commands: [JournalCommand]) {
        // Nothing is written, so nothing is learnt about the disk.
        if commands.count == 1, case .tidy = commands[0].change { return tidyNowAndThen() }
        let isCrowded = commands.count >= Self.crowd
        let result = state.withLock { state in
            var now: [JournalCommand] = []
            now.reserveCapacity(commands.count)
            for command in commands {
                if isCrowded, state.table.mayWait(command) { state.held.append(command) } else { now.append(command) }
            }
            let withHeld =
                !isCrowded || state.held.count >= Self.heldSettlements || now.contains(where: \.needsAllBefore)
            return writeNow(now, withHeld: withHeld, &state)
        }
        note(result)
        tell(commands, result)
        if result.error != nil, commands.allSatisfy({ $0.complete == nil }) { alarm.raise() }
        tidyNowAndThen()
        if isCrowded { BatchThread<JournalCommand>.pause(for: Self.pause) }
    }

    /// Writes what was held back, now that there is nothing else to do.
    func writeHeld() {
        let result = state.withLock { state in
            state.held.isEmpty ? nil : writeNow([], withHeld: true, &state)
        }
        guard let result else { return }
        note(result)
        if result.error == nil { syncer.add() } else { alarm.raise() }
    }

    private func note(_ result: JournalWriteResult) {
        failure.withLock { $0 = result.error }
        // What was refused stays among what is pending: while this process lives, at least it knows how the task has ended.
        onWritten(result.written)
        for refusal in result.refusals { onRefused(refusal) }
    }

    private func writeNow(
        _ commands: [JournalCommand], withHeld: Bool, _ state: inout State
    ) -> JournalWriteResult {
        let isPlain = state.backlog.isEmpty && (!withHeld || state.held.isEmpty)
        let due = isPlain ? commands : state.backlog + (withHeld ? state.held : []) + commands
        guard !due.isEmpty else { return JournalWriteResult(error: failure.withLock { $0 }) }
        var isRefused = false
        do throws(SQLiteError) {
            // While the disk does not confirm what was written, nothing more is entrusted to it.
            try log.restoreTrust(state.table.connection)
            try log.change { () throws(SQLiteError) in
                try Self.commit(due, &state.table, now: now(), &isRefused)
            }
            log.checkpointWhenLong(state.table.connection)
            state.backlog = []
            if withHeld { state.held.removeAll(keepingCapacity: true) }
            return JournalWriteResult(written: due)
        } catch {
            if isRefused { return writeOneByOne(due, withHeld: withHeld, &state) }
            // In their order: what is held back is older than what came now.
            state.backlog += state.held + commands.filter(\.isHistory).map(\.unattended)
            state.held = []
            return JournalWriteResult(error: error)
        }
    }

    /// One of the commands can never be written; it must not keep the others from it.
    private func writeOneByOne(
        _ due: [JournalCommand], withHeld: Bool, _ state: inout State
    ) -> JournalWriteResult {
        var result = JournalWriteResult()
        if withHeld { state.held = [] }
        state.backlog = []
        for (place, command) in due.enumerated() {
            var isRefused = false
            do throws(SQLiteError) {
                try log.change { () throws(SQLiteError) in
                    try Self.commit([command], &state.table, now: now(), &isRefused)
                }
                result.noteWritten(command)
            } catch {
                if isRefused {
                    result.noteRefused(command, error)
                    continue
                }
                result.error = error
                state.backlog = state.held + due[place...].filter(\.isHistory).map(\.unattended)
                state.held = []
                break
            }
        }
        log.checkpointWhenLong(state.table.connection)
        return result
    }

    private func tell(_ commands: [JournalCommand], _ result: JournalWriteResult) {
        var isSyncRequested = result.error != nil
        for command in commands {
            guard let complete = command.complete else { continue }
            let error = result.answer(to: command)
            if error == nil, command.isSynchronized {
                syncer.add(complete)
                isSyncRequested = true
            } else {
                complete(error)
            }
        }
        if !isSyncRequested { syncer.add() }
    }

    /// - Parameter isRefused: set when the reason for the error is one of the commands alone.
    private static func commit(
        _ commands: [JournalCommand], _ table: inout JournalTable, now: Int64, _ isRefused: inout Bool
    ) throws(SQLiteError) {
        try table.statements.begin.run()
        var isApplied = false
        do throws(SQLiteError) {
            for command in commands { try table.apply(command, now: now) }
            isApplied = true
            try table.statements.commit.run()
            table.committed()
        } catch {
            // Some errors have ended the transaction already; then there is nothing to undo.
            try? table.connection.run("ROLLBACK")
            table.undone()
            isRefused = !isApplied && !error.code.isOfDatabase
            throw error
        }
    }

    private func tidyNowAndThen() {
        let (lost, isUnfinished) = state.withLock { state -> (LostReplies?, Bool) in
            // Forgetting can wait for a disk that is believed.
            guard log.problem == nil else { return (nil, false) }
            if !state.tidying.isUnderWay {
                state.batches += 1
                // What fails here is done the next time.
                try? log.change { try state.folder.proceed(&state.table.connection) }
                guard state.batches >= Self.batchesPerTidying, !state.folder.isBusy else { return (nil, false) }
                state.batches = 0
                state.tidying.begin()
            }
            // What cannot be forgotten now is forgotten the next time.
            let lost = try? log.change {
                try state.tidying.slice(
                    &state.table.connection, limits: limits, now: now(), onForgotten: index.remove)
            }
            if !state.tidying.isUnderWay,
                let kept = try? log.change({ try KeySegment.forgetEmpty(&state.table.connection) })
            {
                index.keepSegments(kept)
            }
            log.checkpointWhenLong(state.table.connection)
            return (lost, state.tidying.isUnderWay)
        }
        if let lost, lost.count > 0 { onLost(lost) }
        if isUnfinished { askAgain.withLock { $0 }?() }
    }
}
