internal import AgentRuntime

/// The statements of the table `task`. The caller sees to the transaction.
struct JournalTable: ~Copyable {
    var connection: SQLiteConnection
    /// Rows of tasks that are under way, so that they are found without a search.
    private var rows: [TaskKey.Digest: Int64] = [:]

    init(_ connection: consuming sending SQLiteConnection) { self.connection = connection }

    static let whereKey = "WHERE key = ? AND task_id = ? AND retry = ? AND run = ?"

    /// Forgets what is known of rows, after a transaction was undone.
    mutating func forgetRows() { rows.removeAll() }

    mutating func apply(_ command: JournalCommand, now: Int64) throws(SQLiteError) {
        switch command.change {
        case .start(let task): try start(command.key, task, now)
        case .keep(let task): try keep(command.key, task)
        case .finish(let task, let outcome): try finish(command.key, task, outcome, now)
        case .settle: try settle(command.key, now)
        case .probe: try connection.run("UPDATE shutdown SET probes = probes + 1")
        case .job(_, let body): try body(&connection)
        case .tidy: break
        }
    }

    private mutating func start(_ key: TaskKey, _ task: JournalledTask, _ now: Int64) throws(SQLiteError) {
        if let row = try row(of: key) {
            return try connection.run(
                "UPDATE task SET state = 1, running = 1, started_at = ? WHERE id = ?", [.integer(now), .integer(row)])
        }
        try insert(key, task, .started, startedAt: .integer(now))
    }

    private mutating func keep(_ key: TaskKey, _ task: JournalledTask) throws(SQLiteError) {
        let row: Int64
        if let known = try self.row(of: key) {
            row = known
        } else {
            row = try insert(key, task, .waiting, startedAt: .null)
        }
        try keep(task, in: row, isKept: true)
        // It was settled meanwhile: its row may be forgotten any time, and must not be remembered here.
        if connection.changes == 0 { rows[key.digest] = nil }
    }

    private mutating func finish(
        _ key: TaskKey, _ task: JournalledTask, _ outcome: StoredOutcome, _ now: Int64
    ) throws(SQLiteError) {
        let row: Int64
        if let known = try self.row(of: key) {
            row = known
        } else {
            row = try insert(key, task, .finished, startedAt: .null)
        }
        // An attempt that waits in the broker may have to be parked again, so it needs its address and mark.
        if case .retry = outcome { try keep(task.withoutBody, in: row, isKept: nil) }
        let (kind, bytes, delay) = outcome.columns
        // For whoever wants the answer sent again. No correlation id stands for the task's own id, which it mostly is.
        let address: SQLiteValue = if case .reply = outcome { .optional(task.replyTo) } else { .null }
        let isNamed = address != .null && task.correlationID != key.taskID
        try connection.run(
            """
            UPDATE task SET state = 2, ended_at = ?, outcome_kind = ?, outcome = ?, delay = ?,
                reply_to = coalesce(reply_to, ?), correlation_id = coalesce(correlation_id, ?) WHERE id = ?
            """,
            [
                .integer(now), kind, bytes, delay, address, isNamed ? .optional(task.correlationID) : .null,
                .integer(row),
            ])
    }

    private mutating func settle(_ key: TaskKey, _ now: Int64) throws(SQLiteError) {
        guard let row = try row(of: key) else { return }
        rows[key.digest] = nil
        try connection.run(
            """
            UPDATE task SET state = 3, body = NULL, kept = 0,
                due_at = CASE outcome_kind WHEN \(StoredOutcome.retryKind) THEN ? + delay END
            WHERE id = ?
            """, [.integer(now), .integer(row)])
    }

    private mutating func row(of key: TaskKey) throws(SQLiteError) -> Int64? {
        if let row = rows[key.digest] { return row }
        let found = try connection.query("SELECT id FROM task \(Self.whereKey)", key.values) { $0.integer(0) }.first
        if let found { rows[key.digest] = found }
        return found
    }

    @discardableResult
    private mutating func insert(
        _ key: TaskKey, _ task: JournalledTask, _ state: JournalState, startedAt: SQLiteValue
    ) throws(SQLiteError) -> Int64 {
        try connection.run(
            """
            INSERT INTO task (key, task_id, retry, run, state, name, execution_id, started_at, epoch, running)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            key.values + [
                .integer(state.rawValue), .text(task.name), .optional(task.executionID), startedAt,
                .integer(task.mark.cancellationEpoch), .integer(state == .started ? 1 : 0),
            ])
        let row = connection.lastInsertedID
        rows[key.digest] = row
        // The attempt before this one has come back from the broker: nobody will have to park it again.
        if key.retryNumber > 0 {
            try connection.run(
                "UPDATE task SET due_at = NULL, outcome = NULL \(Self.whereKey) AND due_at IS NOT NULL",
                key.previous.values)
        }
        return row
    }

    /// - Parameter isKept: nil leaves it as it is.
    private mutating func keep(_ task: JournalledTask, in row: Int64, isKept: Bool?) throws(SQLiteError) {
        try connection.run(
            """
            UPDATE task SET kept = coalesce(?, kept), body = coalesce(?, body), reply_to = ?, correlation_id = ?,
                answers_cancellation = ?, store_id = ?, epoch = ?, remaining = ? WHERE id = ? AND state <> 3
            """,
            [
                isKept.map { .integer($0 ? 1 : 0) } ?? .null, task.body.isEmpty ? .null : .blob(task.body),
                .optional(task.replyTo), .optional(task.correlationID), .integer(task.answersCancellation ? 1 : 0),
                .text(task.mark.storeID), .integer(task.mark.cancellationEpoch),
                .integer(task.mark.remaining.wholeMilliseconds), .integer(row),
            ])
    }
}

extension JournalledTask {
    fileprivate var withoutBody: JournalledTask {
        var task = self
        task.body = []
        return task
    }
}
