/// Drops log records from a telemetry spool, the oldest first.
///
/// The first of a run of dropped records stays, without its text, and counts the run. It keeps its place and its number.
struct SpoolTrimming {
    let keptThrough: Int64
    private(set) var removed = 0
    private(set) var dropped = 0

    init(keptThrough: Int64) { self.keptThrough = keptThrough }

    private struct Row {
        let place: Int64
        let stream: Int64
        let cost: Int
        let missing: Int64
    }

    /// Drops until `excess` is not positive or nothing droppable is left.
    mutating func run(
        _ excess: inout Int, _ connection: inout SQLiteConnection, remnant: ([UInt8]) -> [UInt8]
    ) throws(SQLiteError) {
        while excess > 0, let oldest = try oldest(&connection) {
            dropped += 1
            excess -= try drop(oldest, &connection, remnant: remnant)
        }
    }

    private func oldest(_ connection: inout SQLiteConnection) throws(SQLiteError) -> Row? {
        try connection.query(
            "SELECT place, stream, cost, missing FROM record WHERE event = 0 AND missing = 0 AND place > ?"
                + " ORDER BY place LIMIT 1",
            [.integer(keptThrough)], read: Self.row
        ).first
    }

    /// - Returns: how many bytes that frees.
    private mutating func drop(
        _ row: Row, _ connection: inout SQLiteConnection, remnant: ([UInt8]) -> [UInt8]
    ) throws(SQLiteError) -> Int {
        var freed = 0
        var counter: Int64
        let before = try neighbour(
            "SELECT place, stream, cost, missing FROM record WHERE stream = ? AND place < ? ORDER BY place DESC LIMIT 1",
            of: row, &connection)
        if let before, before.place > keptThrough, before.missing > 0 {
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
        let after = try neighbour(
            "SELECT place, stream, cost, missing FROM record WHERE stream = ? AND place > ? ORDER BY place LIMIT 1",
            of: row, &connection)
        if let after, after.missing > 0 {
            try add(after.missing, to: counter, &connection)
            try remove(after, &connection)
            freed += after.cost
        }
        return freed
    }

    private func neighbour(
        _ sql: String, of row: Row, _ connection: inout SQLiteConnection
    ) throws(SQLiteError) -> Row? {
        try connection.query(sql, [.integer(row.stream), .integer(row.place)], read: Self.row).first
    }

    private func add(_ count: Int64, to place: Int64, _ connection: inout SQLiteConnection) throws(SQLiteError) {
        try connection.run(
            "UPDATE record SET missing = missing + ? WHERE place = ?", [.integer(count), .integer(place)])
    }

    private mutating func remove(_ row: Row, _ connection: inout SQLiteConnection) throws(SQLiteError) {
        try connection.run("DELETE FROM record WHERE place = ?", [.integer(row.place)])
        removed += 1
    }

    private static func row(_ row: borrowing SQLiteRow) -> Row {
        Row(place: row.integer(0), stream: row.integer(1), cost: Int(row.integer(2)), missing: row.integer(3))
    }
}
