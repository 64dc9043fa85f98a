/// Drops log records from a telemetry spool, the oldest first.
///
/// The first of a run of dropped records stays, without its text, and counts the run. It keeps its place and its number.
struct SpoolTrimming {
    /// For each lane the place up to which nothing is dropped.
    let keptThrough: [Int64: Int64]
    /// For each lane how many rows are gone.
    private(set) var removed: [Int64: Int] = [:]
    private(set) var dropped = 0
    /// Up to here everything droppable is dropped or on its way.
    private var searched: Int64 = 0

    init(keptThrough: [Int64: Int64]) { self.keptThrough = keptThrough }

    private struct Row {
        let place: Int64
        let stream: Int64
        let lane: Int64
        let cost: Int
        let missing: Int64
    }

    private static let columns = "place, stream, lane, cost, missing"

    /// Drops until `excess` is not positive or nothing droppable is left.
    mutating func run(
        _ excess: inout Int, _ connection: inout SQLiteConnection, remnant: ([UInt8]) -> [UInt8]
    ) throws(SQLiteError) {
        while excess > 0, let oldest = try oldest(&connection) {
            searched = oldest.place
            guard !isKept(oldest) else { continue }
            dropped += 1
            excess -= try drop(oldest, &connection, remnant: remnant)
        }
    }

    private func isKept(_ row: Row) -> Bool { row.place <= keptThrough[row.lane] ?? 0 }

    private func oldest(_ connection: inout SQLiteConnection) throws(SQLiteError) -> Row? {
        try connection.query(
            "SELECT \(Self.columns) FROM record WHERE event = 0 AND missing = 0 AND place > ?"
                + " ORDER BY place LIMIT 1",
            [.integer(searched)], read: Self.row
        ).first
    }

    /// - Returns: how many bytes that frees.
    private mutating func drop(
        _ row: Row, _ connection: inout SQLiteConnection, remnant: ([UInt8]) -> [UInt8]
    ) throws(SQLiteError) -> Int {
        var freed = 0
        var counter: Int64
        let before = try neighbour("place < ? ORDER BY place DESC", of: row, &connection)
        if let before, !isKept(before), before.missing > 0 {
            counter = before.place
            try add(1, to: counter, &connection)
            try remove(row, &connection)
            freed += row.cost
        } else {
            counter = row.place
            let body = try connection.query("SELECT body FROM record WHERE place = ?", [.integer(row.place)]) {
                $0.blob(0)
            }
            let rest = remnant(body.first ?? [])
            let cost = rest.count + 128
            try connection.run(
                "UPDATE record SET missing = 1, body = ?, cost = ? WHERE place = ?",
                [.blob(rest), .integer(Int64(cost)), .integer(row.place)])
            freed += row.cost - cost
        }
        let after = try neighbour("place > ? ORDER BY place", of: row, &connection)
        if let after, after.missing > 0 {
            try add(after.missing, to: counter, &connection)
            try remove(after, &connection)
            freed += after.cost
        }
        return freed
    }

    private func neighbour(
        _ side: String, of row: Row, _ connection: inout SQLiteConnection
    ) throws(SQLiteError) -> Row? {
        try connection.query(
            "SELECT \(Self.columns) FROM record WHERE stream = ? AND lane = ? AND \(side) LIMIT 1",
            [.integer(row.stream), .integer(row.lane), .integer(row.place)], read: Self.row
        ).first
    }

    private func add(_ count: Int64, to place: Int64, _ connection: inout SQLiteConnection) throws(SQLiteError) {
        try connection.run(
            "UPDATE record SET missing = missing + ? WHERE place = ?", [.integer(count), .integer(place)])
    }

    private mutating func remove(_ row: Row, _ connection: inout SQLiteConnection) throws(SQLiteError) {
        try connection.run("DELETE FROM record WHERE place = ?", [.integer(row.place)])
        removed[row.lane, default: 0] += 1
    }

    private static func row(_ row: borrowing SQLiteRow) -> Row {
        Row(
            place: row.integer(0), stream: row.integer(1), lane: row.integer(2), cost: Int(row.integer(3)),
            missing: row.integer(4))
    }
}
