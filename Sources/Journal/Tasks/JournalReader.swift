internal import AgentRuntime

/// Questions to the journal.
struct JournalReader: ~Copyable {
    private var connection: SQLiteConnection

    init(_ connection: consuming SQLiteConnection) { self.connection = connection }

    mutating func entry(
        for key: TaskKey, _ candidates: KeyIndex.Candidates
    ) throws(SQLiteError) -> JournalEntry {
        guard let row = try TaskRow.find(key, candidates, &connection) else { return .unknown }
        let entries = try connection.query(
            "SELECT state, deaths, epoch, outcome_kind, outcome, delay, store_id FROM task WHERE id = ?",
            [.integer(row)]
        ) { row -> JournalEntry in
            switch JournalState(rawValue: row.integer(0)) {
            case .waiting: .waiting
            case .started:
                .interrupted(
                    InterruptedStart(
                        deaths: Int(clamping: row.integer(1)), cancellationEpoch: row.integer(2),
                        storeID: row.isNull(6) ? nil : row.text(6)))
            case .finished, .settled:
                StoredOutcome(kind: row.integer(3), bytes: row.blob(4), delay: row.integer(5)).map {
                    .finished($0, isSettled: row.integer(0) == JournalState.settled.rawValue)
                } ?? .unknown
            case nil: .unknown
            }
        }
        return entries.first ?? .unknown
    }

    /// Reads a row, for whoever waits for a journal that can be read again.
    mutating func probe() throws(SQLiteError) {
        _ = try connection.query("SELECT id, body FROM task ORDER BY id DESC LIMIT 1") { row in row.integer(0) }
    }

    /// Everything that was taken over from the broker and is not settled, oldest first.
    mutating func unfinished() throws(SQLiteError) -> [UnfinishedTask] {
        try connection.query(
            "SELECT \(StoredTask.columns) FROM task WHERE kept = 1 ORDER BY id"
        ) { row in
            UnfinishedTask(key: StoredTask.key(row), task: StoredTask.task(row))
        }
    }
}
