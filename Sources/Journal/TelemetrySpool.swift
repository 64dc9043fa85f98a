/// Log records and events that wait for the broker, in a database of their own, in their order.
///
/// Holds as many bytes as it is told. Above that log records are dropped, oldest first: of those that follow each other in one attempt of an operation, one remains without its text and counts them all.
public final class TelemetrySpool: Sendable {
    /// What a change came to.
    public struct Effect: Sendable, Hashable {
        /// Rows that are gone because their record was dropped or is counted in another's.
        public var removed = 0
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

    /// How many records there are, and the place of the newest; 0 when there is none.
    public func inventory() throws -> (count: Int, newestPlace: Int64) {
        try database.use { connection in
            try connection.query("SELECT count(*), ifnull(max(place), 0) FROM record") {
                (count: Int($0.integer(0)), newestPlace: $0.integer(1))
            }.first ?? (0, 0)
        }
    }

    /// The oldest records behind `place`, up to `bytes` of bodies but at least one if there is one.
    public func read(after place: Int64, bytes: Int) throws -> [SpooledRecord] {
        try database.use { connection in
            var records: [SpooledRecord] = []
            var rest = bytes
            var last = place
            // In portions, so that little is read in vain.
            while rest > 0 {
                let portion = try connection.query(
                    "SELECT place, stream, event, sequence, missing, body FROM record WHERE place > ? ORDER BY place LIMIT 64",
                    [.integer(last)], read: Self.record)
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
    ///   - settled: The places of what has arrived.
    ///   - limit: How much may be stored, in bytes.
    ///   - keptThrough: What lies up to this place is not dropped.
    ///   - remnant: Makes from a dropped record's body the one of the record that counts it.
    public func commit(
        _ records: [SpooledRecord], settled: Range<Int64>, limit: Int, keptThrough: Int64,
        remnant: ([UInt8]) -> [UInt8]
    ) throws -> Effect {
        let (effect, isEmpty) = try database.transaction { connection -> (Effect, Bool) in
            if !settled.isEmpty {
                try connection.run(
                    "DELETE FROM record WHERE place >= ? AND place < ?",
                    [.integer(settled.lowerBound), .integer(settled.upperBound)])
            }
            for record in records { try Self.insert(record, &connection) }
            var effect = Effect()
            var excess = try Self.bytes(&connection) - limit
            if excess > 0 {
                var trimming = SpoolTrimming(keptThrough: keptThrough)
                try trimming.run(&excess, &connection, remnant: remnant)
                effect.removed = trimming.removed
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

    private static func insert(_ record: SpooledRecord, _ connection: inout SQLiteConnection) throws {
        // Not INSERT OR REPLACE: that does not fire the trigger that keeps the total.
        try connection.run("DELETE FROM record WHERE place = ?", [.integer(record.place)])
        try connection.run(
            "INSERT INTO record (place, stream, event, sequence, missing, cost, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                .integer(record.place), .integer(Int64(bitPattern: record.stream)), .integer(record.isEvent ? 1 : 0),
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
        """
    ]
}
