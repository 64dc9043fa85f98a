internal import AgentRuntime

/// The changes of the table `task`. The caller sees to the transaction, and says how it went.
struct JournalTable: ~Copyable {
    private struct Row {
        let id: Int64
        /// It has no body and waits in no broker, so that settling it needs to touch nothing but its state.
        var isPlain: Bool
        /// The attempt before it may still be watched as one that waits in the broker.
        var followsWatched = false
    }

    var connection: SQLiteConnection
    let statements: TaskStatements
    private let index: KeyIndex
    /// Rows of tasks that are under way, so that they are found without a search.
    private var rows: [TaskKey.Digest: Row] = [:]
    /// Never the number of a row that `index` may still know, and therefore not left to SQLite.
    private var nextRow: Int64
    /// Rows of the current transaction.
    private var inserted: [KeyIndex.Entry] = []
    /// Rows that the current transaction deletes.
    private var deleted: [KeyIndex.Entry] = []

    /// - Parameter nextRow: see ``firstFreeRow(_:)``.
    init(
        _ connection: consuming SQLiteConnection, _ statements: TaskStatements, _ index: KeyIndex,
        nextRow: Int64
    ) {
        self.connection = connection
        self.statements = statements
        self.index = index
        self.nextRow = nextRow
    }

    /// The first number that no row has, and that no filter speaks for.
    static func firstFreeRow(_ connection: inout SQLiteConnection) throws(SQLiteError) -> Int64 {
        try connection.query(
            "SELECT max(coalesce((SELECT max(id) FROM task), 0), coalesce((SELECT max(last_id) FROM task_filter), 0))"
        ) { $0.integer(0) + 1 }.first ?? 1
    }

    /// The transaction was committed.
    mutating func committed() {
        inserted.removeAll(keepingCapacity: true)
        guard !deleted.isEmpty else { return }
        index.remove(deleted)
        deleted = []
    }

    /// The transaction was undone: forgets what is known of rows.
    mutating func undone() {
        rows.removeAll()
        index.remove(inserted)
        inserted = []
        deleted = []
    }

    /// Whether a change may be written some time later: a settlement of which nothing depends but what the journal shows. After a death
    /// its outcome counts as not confirmed, and a copy is answered with it like any other.
    func mayWait(_ command: JournalCommand) -> Bool {
        guard case .settle = command.change else { return false }
        return rows[command.key.digest]?.isPlain == true
    }

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
        let stored = key.stored
        if let row = try row(of: key, stored) {
            statements.start.bind(now, at: 1)
            statements.start.bind(row.id, at: 2)
            try statements.start.run()
            if connection.changes > 0 { return try forgetWatched(key) }
        }
        _ = try insert(key, stored, task, .started, startedAt: now)
        try forgetWatched(key)
    }

    private mutating func keep(_ key: TaskKey, _ task: JournalledTask) throws(SQLiteError) {
        let row = try foundOrInserted(key, task, .waiting)
        rows[key.digest]?.isPlain = false
        // One that waits in the broker for the rest of a long delay may get lost there as before.
        if task.mark.remaining == .zero { try forgetWatched(key) }
        try keep(task, in: row.id, isKept: true)
        guard connection.changes == 0 else { return }
        // It was settled meanwhile, or its row was forgotten. In both cases it must not be remembered here.
        rows[key.digest] = nil
        let isThere = try connection.query("SELECT 1 FROM task WHERE id = ?", [.integer(row.id)]) { _ in true }
        guard isThere.isEmpty else { return }
        let new = try insert(key, key.stored, task, .waiting, startedAt: nil)
        rows[key.digest]?.isPlain = false
        try keep(task, in: new.id, isKept: true)
    }

    private mutating func finish(
        _ key: TaskKey, _ task: JournalledTask, _ outcome: StoredOutcome, _ now: Int64
    ) throws(SQLiteError) {
        let row = try foundOrInserted(key, task, .finished)
        if try finish(row.id, key, task, outcome, now) { return }
        // The row was forgotten while its task was under way.
        rows[key.digest] = nil
        let new = try insert(key, key.stored, task, .finished, startedAt: nil)
        _ = try finish(new.id, key, task, outcome, now)
    }

    /// - Returns: false when there is no such row.
    private mutating func finish(
        _ row: Int64, _ key: TaskKey, _ task: JournalledTask, _ outcome: StoredOutcome, _ now: Int64
    ) throws(SQLiteError) -> Bool {
        try forgetWatched(key)
        // An attempt that waits in the broker may have to be parked again, so it needs its address and mark.
        if case .retry = outcome {
            rows[key.digest]?.isPlain = false
            try keep(task.withoutBody, in: row, isKept: nil)
        }
        statements.finish.bind(now, at: 1)
        outcome.bind(to: statements.finish, from: 2)
        // For whoever wants the answer sent again. No correlation id stands for the task's own id, which it mostly is.
        let address: String? = if case .reply = outcome { task.replyTo } else { nil }
        let isNamed = address != nil && task.correlationID != key.taskID
        statements.finish.bind(address, at: 5)
        statements.finish.bind(isNamed ? task.correlationID : nil, at: 6)
        statements.finish.bind(row, at: 7)
        try statements.finish.run()
        return connection.changes > 0
    }

    private mutating func settle(_ key: TaskKey, _ now: Int64) throws(SQLiteError) {
        guard let row = try row(of: key, nil) else { return }
        rows[key.digest] = nil
        if row.isPlain {
            statements.settlePlain.bind(row.id, at: 1)
            try statements.settlePlain.run()
        } else {
            statements.settle.bind(now, at: 1)
            statements.settle.bind(row.id, at: 2)
            try statements.settle.run()
        }
        if connection.changes == 0 { try handBack(row.id) }
    }

    /// The broker has a task again that has no outcome yet: the journal answers for it no longer, and a copy of it is no news.
    private mutating func handBack(_ row: Int64) throws(SQLiteError) {
        deleted += try connection.query(
            "DELETE FROM task WHERE id = ? AND outcome_kind IS NULL AND state <> 1 RETURNING key, id", [.integer(row)]
        ) { KeyIndex.Entry(key: $0.integer(0), row: $0.integer(1)) }
        // That it was started once must not be forgotten.
        try connection.run(
            "UPDATE task SET body = NULL, kept = 0 WHERE id = ? AND outcome_kind IS NULL", [.integer(row)])
    }

    /// - Parameter stored: the key's hash where it is known already.
    private mutating func row(of key: TaskKey, _ stored: Int64?) throws(SQLiteError) -> Row? {
        if let row = rows[key.digest] { return row }
        guard let id = try search(key, stored ?? key.stored) else { return nil }
        let row = Row(id: id, isPlain: false, followsWatched: key.retryNumber > 0)
        rows[key.digest] = row
        return row
    }

    private mutating func search(_ key: TaskKey, _ stored: Int64) throws(SQLiteError) -> Int64? {
        let candidates = index.candidates(for: stored)
        return candidates.isEmpty ? nil : try TaskRow.find(key, candidates, &connection)
    }

    private mutating func foundOrInserted(
        _ key: TaskKey, _ task: JournalledTask, _ state: JournalState
    ) throws(SQLiteError) -> Row {
        if let row = rows[key.digest] { return row }
        let stored = key.stored
        if let row = try row(of: key, stored) { return row }
        return try insert(key, stored, task, state, startedAt: nil)
    }

    private mutating func insert(
        _ key: TaskKey, _ stored: Int64, _ task: JournalledTask, _ state: JournalState, startedAt: Int64?
    ) throws(SQLiteError) -> Row {
        let row = Row(id: nextRow, isPlain: true, followsWatched: key.retryNumber > 0)
        let insert = statements.insert
        insert.bind(row.id, at: 1)
        insert.bind(stored, at: 2)
        insert.bind(key.taskID, at: 3)
        insert.bind(Int64(key.retryNumber), at: 4)
        insert.bind(Int64(bitPattern: key.run), at: 5)
        insert.bind(state.rawValue, at: 6)
        insert.bind(task.name, at: 7)
        insert.bind(task.executionID, at: 8)
        if let startedAt { insert.bind(startedAt, at: 9) } else { insert.bindNull(at: 9) }
        insert.bind(task.mark.cancellationEpoch, at: 10)
        insert.bind(state == .started ? 1 : 0, at: 11)
        insert.bind(task.mark.storeID, at: 12)
        try insert.run()
        nextRow += 1
        let entry = KeyIndex.Entry(key: stored, row: row.id)
        index.insert(entry)
        inserted.append(entry)
        rows[key.digest] = row
        return row
    }

    /// The attempt has come back from the broker for good: nobody will have to park it again.
    private mutating func forgetWatched(_ successor: TaskKey) throws(SQLiteError) {
        guard rows[successor.digest]?.followsWatched == true else { return }
        rows[successor.digest]?.followsWatched = false
        let key = successor.previous
        // Not remembered: nothing more will be said of it.
        var row = rows[key.digest]?.id
        if row == nil { row = try search(key, key.stored) }
        guard let row else { return }
        try connection.run(
            "UPDATE task SET due_at = NULL, outcome = NULL WHERE id = ? AND due_at IS NOT NULL", [.integer(row)])
    }

    /// - Parameter isKept: nil leaves it as it is.
    private mutating func keep(_ task: JournalledTask, in row: Int64, isKept: Bool?) throws(SQLiteError) {
        try connection.run(
            """
            UPDATE task SET kept = coalesce(?, kept), body = coalesce(?, body), reply_to = ?, correlation_id = ?,
                answers_cancellation = ?, store_id = ?, epoch = ?, remaining = ?,
                state = CASE state WHEN 3 THEN 0 ELSE state END
            WHERE id = ? AND (state <> 3 OR outcome_kind IS NULL)
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
