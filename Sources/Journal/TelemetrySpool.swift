/// Log records and events that wait for the broker or a manager, in a database of their own, in their order.
///
/// Each record is in a lane, which is named by some bytes that say where its records go; nil names the lane of those that go where all go.
/// Holds as many bytes as it is told. Above that log records are dropped, oldest first: of those that follow each other in one attempt of an operation, one remains without its text and counts them all.
public final class TelemetrySpool: Sendable {
    /// What a change came to.
    public struct Effect: Sendable, Hashable {
        /// Rows of each lane that are gone because their record was dropped or is counted in another's.
        public var removed: [[UInt8]?: Int] = [:]
        /// Log records that were dropped.
        public var dropped = 0
        /// What remains takes more than the limit, and nothing of it may be dropped.
        public var isOverLimit = false
    }

    private let database: SQLiteDatabase

    /// Opens the spool's file, and makes it when absent. Its directory must exist.
    public init(path: String) throws {
        database = try SQLiteDatabase(path: path, migrations: Self.migrations)
    }

    /// How many records each lane has that has any, and the place of its newest.
    public func inventory() throws -> [(lane: [UInt8]?, count: Int, newestPlace: Int64)] {
        try database.use { connection in
            try connection.query(
                "SELECT lane.name, count(*), max(record.place) FROM record LEFT JOIN lane ON lane.id = record.lane"
                    + " GROUP BY record.lane ORDER BY min(record.place)"
            ) {
                (lane: $0.isNull(0) ? nil : $0.blob(0), count: Int($0.integer(1)), newestPlace: $0.integer(2))
            }
        }
    }

    /// The names of all lanes that are remembered.
    func laneNames() throws -> [[UInt8]] {
        try database.use { connection in try connection.query("SELECT name FROM lane ORDER BY id") { $0.blob(0) } }
    }

    /// The oldest records of a lane behind `place`, up to `bytes` of bodies but at least one if there is one.
    public func read(after place: Int64, of lane: [UInt8]? = nil, bytes: Int) throws -> [SpooledRecord] {
        try database.use { connection in
            guard let lane = try Self.number(of: lane, &connection) else { return [] }
            var records: [SpooledRecord] = []
            var rest = bytes
            var last = place
            // In portions, so that little is read in vain.
            while rest > 0 {
                let portion = try connection.query(
                    "SELECT place, stream, event, sequence, missing, body FROM record WHERE lane = ? AND place > ?"
                        + " ORDER BY place LIMIT 64",
                    [.integer(lane), .integer(last)], read: Self.record)
                for record in portion where rest > 0 {
                    rest -= record.cost
                    last = record.place
                    records.append(record)
                }
                if portion.count < 64 { break }
            }
            return records
        }
    }

    /// Removes what has arrived, writes what is new, and drops log records until no more than `limit` bytes are left.
    ///
    /// - Parameters:
    ///   - records: New ones, and such as replace one at the same place.
    ///   - lane: Theirs.
    ///   - settled: The places of what has arrived of this lane.
    ///   - limit: How much may be stored in all lanes together, in bytes.
    ///   - keptThrough: What lies up to its place in a lane is not dropped.
    ///   - remnant: Makes from a dropped record's body the one of the record that counts it.
    public func commit(
        _ records: [SpooledRecord], of lane: [UInt8]? = nil, settled: Range<Int64>, limit: Int,
        keptThrough: () -> [[UInt8]?: Int64] = { [:] }, remnant: ([UInt8]) -> [UInt8]
    ) throws -> Effect {
        let (effect, isEmpty) = try database.transaction { connection -> (Effect, Bool) in
            let number =
                try records.isEmpty
                ? Self.number(of: lane, &connection) : Self.numberOrNew(of: lane, &connection)
            if let number {
                if !settled.isEmpty {
                    try connection.run(
                        "DELETE FROM record WHERE lane = ? AND place >= ? AND place < ?",
                        [.integer(number), .integer(settled.lowerBound), .integer(settled.upperBound)])
                }
                for record in records { try Self.insert(record, number, &connection) }
                if records.isEmpty, lane != nil { try Self.forget(number, &connection) }
            }
            var effect = Effect()
            var excess = try Self.bytes(&connection) - limit
            if excess > 0 {
                var kept: [Int64: Int64] = [:]
                for (lane, place) in keptThrough() {
                    if let number = try Self.number(of: lane, &connection) { kept[number] = place }
                }
                var trimming = SpoolTrimming(keptThrough: kept)
                try trimming.run(&excess, &connection, remnant: remnant)
                for (number, count) in trimming.removed {
                    effect.removed[try Self.name(of: number, &connection)] = count
                }
                effect.dropped = trimming.dropped
                effect.isOverLimit = excess > 0
            }
            return (effect, try Self.bytes(&connection) == 0)
        }
        if isEmpty { shrink() }
        return effect
    }

    /// A file that has been large would stay so. With no rows in it this costs next to nothing; failing does no harm.
    private func shrink() {
        try? database.use { connection in
            let pages = try connection.query("PRAGMA freelist_count") { $0.integer(0) }.first ?? 0
            guard pages > 256 else { return }
            try connection.run("VACUUM")
            _ = try connection.query("PRAGMA wal_checkpoint(TRUNCATE)") { _ in () }
        }
    }

    private static func bytes(_ connection: inout SQLiteConnection) throws -> Int {
        Int(try connection.query("SELECT bytes FROM total") { $0.integer(0) }.first ?? 0)
    }

    /// The number of a lane; nil when it has none.
    private static func number(of lane: [UInt8]?, _ connection: inout SQLiteConnection) throws -> Int64? {
        guard let lane else { return 0 }
        return try connection.query("SELECT id FROM lane WHERE name = ?", [.blob(lane)]) { $0.integer(0) }.first
    }

    private static func numberOrNew(of lane: [UInt8]?, _ connection: inout SQLiteConnection) throws -> Int64? {
        if let number = try number(of: lane, &connection) { return number }
        guard let lane else { return 0 }
        try connection.run("INSERT INTO lane (name) VALUES (?)", [.blob(lane)])
        return try number(of: lane, &connection)
    }

    private static func name(of number: Int64, _ connection: inout SQLiteConnection) throws -> [UInt8]? {
        try connection.query("SELECT name FROM lane WHERE id = ?", [.integer(number)]) { $0.blob(0) }.first
    }

    /// A lane that has nothing any more: its name may have secrets in it.
    private static func forget(_ number: Int64, _ connection: inout SQLiteConnection) throws {
        try connection.run(
            "DELETE FROM lane WHERE id = ? AND NOT EXISTS (SELECT 1 FROM record WHERE lane = ?)",
            [.integer(number), .integer(number)])
    }

    private static func insert(_ record: SpooledRecord, _ lane: Int64, _ connection: inout SQLiteConnection) throws {
        // Not INSERT OR REPLACE: that does not fire the trigger that keeps the total.
        try connection.run("DELETE FROM record WHERE place = ?", [.integer(record.place)])
        try connection.run(
            "INSERT INTO record (place, stream, lane, event, sequence, missing, cost, body)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                .integer(record.place), .integer(Int64(bitPattern: record.stream)), .integer(lane),
                .integer(record.isEvent ? 1 : 0),
                record.sequence.map { .integer(Int64($0)) } ?? .null, .integer(Int64(record.missing)),
                .integer(Int64(record.cost)), .blob(record.body),
            ])
    }

    private static func record(_ row: borrowing SQLiteRow) -> SpooledRecord {
        SpooledRecord(
            place: row.integer(0), stream: UInt64(bitPattern: row.integer(1)), isEvent: row.integer(2) != 0,
            sequence: row.isNull(3) ? nil : Int(row.integer(3)), missing: Int(row.integer(4)), body: row.blob(5))
    }

    /// Only ever append: a released script has run on somebody's disk.
    static let migrations = [
        """
        CREATE TABLE record (
            place INTEGER PRIMARY KEY,
            stream INTEGER NOT NULL,
            event INTEGER NOT NULL,
            sequence INTEGER,
            missing INTEGER NOT NULL,
            cost INTEGER NOT NULL,
            body BLOB NOT NULL
        );
        CREATE INDEX record_stream ON record (stream, place);
        CREATE INDEX record_droppable ON record (place) WHERE event = 0 AND missing = 0;
        CREATE TABLE total (
            bytes INTEGER NOT NULL
        );
        INSERT INTO total (bytes) VALUES (0);
        CREATE TRIGGER record_added AFTER INSERT ON record BEGIN
            UPDATE total SET bytes = bytes + new.cost;
        END;
        CREATE TRIGGER record_removed AFTER DELETE ON record BEGIN
            UPDATE total SET bytes = bytes - old.cost;
        END;
        CREATE TRIGGER record_changed AFTER UPDATE OF cost ON record BEGIN
            UPDATE total SET bytes = bytes + new.cost - old.cost;
        END
        """,
        """
        CREATE TABLE lane (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name BLOB NOT NULL UNIQUE
        );
        ALTER TABLE record ADD COLUMN lane INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX record_lane ON record (lane, place)
        """,
    ]
}
