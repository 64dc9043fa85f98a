internal import AgentRuntime
internal import Glibc

/// Reads the journal of a state directory, whether its agent runs or not, and changes nothing in it.
package struct JournalBrowser: ~Copyable {
    /// Which rows are wanted; nil means any.
    package struct Filter: Sendable {
        package var state: JournalState?
        package var executionID: String?
        /// Only attempts that wait in the broker.
        package var isParked = false

        package init(state: JournalState? = nil, executionID: String? = nil, isParked: Bool = false) {
            self.state = state
            self.executionID = executionID
            self.isParked = isParked
        }
    }

    private static let columns = """
        id, task_id, retry, state, name, execution_id, started_at, ended_at, deaths, kept, reply_to, correlation_id,
        outcome_kind, outcome, delay, due_at, body
        """

    private static let matches = """
        (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR execution_id = ?2) AND (?3 = 0 OR due_at IS NOT NULL)
        """

    var connection: SQLiteConnection
    /// The schema of the file: an earlier release's until an agent of this one has run there.
    private let version: Int
    /// From the journal's time to the one on the wall.
    let shift: Int64

    /// Opens the journal.
    ///
    /// - Throws: ``JournalError`` with `missing`, `newerSchema` or `system`; ``SQLiteError``.
    package init(directory: String) throws {
        try self.init(directory: directory, machine: .system)
    }

    /// - Parameter machine: Where the moments that are shown are from.
    init(directory: String, machine: MachineClock) throws {
        var connection = try Self.open(directory)
        let version = try connection.query("PRAGMA user_version") { Int($0.integer(0)) }.first ?? 0
        // Earlier schemas dated their rows by the clock on the wall.
        let timeline =
            version < JournalSchema.withTimeline ? nil : try Timeline.find(&connection, on: machine)
        self.version = version
        shift = timeline?.wallShift ?? 0
        self.connection = connection
    }

    /// Whether the file has a table of undeliverable replies.
    var hasUndeliverable: Bool { version >= 2 }

    private static func open(_ directory: String) throws -> SQLiteConnection {
        let path = "\(directory)/\(JournalDatabase.fileName)"
        guard unsafe access(path, R_OK) == 0 else {
            let number = errno
            guard number == ENOENT || number == ENOTDIR else {
                let error = JournalError.system("cannot read \(path)", number: number)
                throw number == EACCES ? JournalError(.noPermission, error.message) : error
            }
            throw JournalError(.missing, "there is no journal in \(directory): no agent has run there yet")
        }
        var connection = try SQLiteConnection(path: path, isReadOnly: true)
        let version = try connection.query("PRAGMA user_version") { Int($0.integer(0)) }.first ?? 0
        guard version <= JournalSchema.version else {
            throw JournalError.newerSchema(path, found: version, known: JournalSchema.version)
        }
        guard version > 0 else { throw JournalError(.missing, "\(path) is no journal") }
        return connection
    }

    /// The newest rows, newest first.
    package mutating func newest(_ filter: Filter, limit: Int) throws -> [JournalRow] {
        try connection.query(
            "SELECT \(Self.columns) FROM task WHERE \(Self.matches) ORDER BY id DESC LIMIT ?4",
            filter.values + [.integer(Int64(limit))], read: reader)
    }

    /// Rows in the order in which they were made, those after the row `id` only.
    package mutating func rows(after id: Int64, _ filter: Filter, limit: Int) throws -> [JournalRow] {
        try connection.query(
            "SELECT \(Self.columns) FROM task WHERE \(Self.matches) AND id > ?4 ORDER BY id LIMIT ?5",
            filter.values + [.integer(id), .integer(Int64(limit))], read: reader)
    }

    /// The rows of a task, or the one row with this number.
    package mutating func rows(named key: String) throws -> [JournalRow] {
        let ofTask = try connection.query(
            "SELECT \(Self.columns) FROM task WHERE task_id = ? ORDER BY id", [.text(key)], read: reader)
        guard ofTask.isEmpty, let id = Int64(key) else { return ofTask }
        return try connection.query(
            "SELECT \(Self.columns) FROM task WHERE id = ?", [.integer(id)], read: reader)
    }

    private var reader: (borrowing SQLiteRow) -> JournalRow {
        { [shift] row in Self.row(row, shift) }
    }

    private static func row(_ row: borrowing SQLiteRow, _ shift: Int64) -> JournalRow {
        JournalRow(
            id: row.integer(0), taskID: row.text(1), retryNumber: Int(clamping: row.integer(2)),
            state: JournalState(rawValue: row.integer(3)), name: row.text(4),
            executionID: row.isNull(5) ? nil : row.text(5), startedAt: row.isNull(6) ? nil : row.integer(6) + shift,
            endedAt: row.isNull(7) ? nil : row.integer(7) + shift, deaths: Int(clamping: row.integer(8)),
            isKept: row.integer(9) != 0, replyTo: row.isNull(10) ? nil : row.text(10),
            correlationID: row.isNull(11) ? nil : row.text(11), outcome: outcome(row),
            dueAt: row.isNull(15) ? nil : row.integer(15) + shift, body: row.blob(16))
    }

    private static func outcome(_ row: borrowing SQLiteRow) -> JournalRow.Outcome? {
        switch row.integer(12) {
        case StoredOutcome.replyKind: .reply(row.blob(13))
        case StoredOutcome.retryKind: .retry(row.blob(13), delay: row.integer(14))
        case StoredOutcome.silenceKind: .silence
        default: nil
        }
    }
}

extension JournalBrowser.Filter {
    fileprivate var values: [SQLiteValue] {
        [
            state.map { .integer($0.rawValue) } ?? .null, executionID.map(SQLiteValue.text) ?? .null,
            .integer(isParked ? 1 : 0),
        ]
    }
}
