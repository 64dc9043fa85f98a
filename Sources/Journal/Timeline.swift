/// The time by which a database counts how old its rows are, in milliseconds.
///
/// It goes on as fast as time does, whatever becomes of the clock on the wall: an hour more or less there neither makes
/// attempts overdue nor keeps them from it, and lets nothing be forgotten early. While the machine runs, it counts from the
/// machine's start, also over restarts of the process. Only over a restart of the machine, where nothing else is known, the
/// clock on the wall says how long that took, and it never takes time back.
struct Timeline: Sendable {
    /// What is added to the time since the machine's start.
    private let offset: Int64
    private let machine: MachineClock

    var now: Int64 { offset + machine.sinceBoot() }

    /// How far the clock on the wall is ahead: added to a moment of the database it gives the one to show.
    var wallShift: Int64 { machine.wall() - now }

    /// A migration of a database that has a timeline.
    static let migration = "CREATE TABLE timeline (boot TEXT NOT NULL, offset INTEGER NOT NULL)"

    /// Takes up the timeline of a database.
    ///
    /// - Parameter newest: the latest moment in the database, nil without any.
    static func resume(
        _ connection: inout SQLiteConnection, newest: Int64?, on machine: MachineClock
    ) throws(SQLiteError) -> Timeline {
        let floor = newest ?? .min
        if let known = try find(&connection, on: machine), known.now >= floor { return known }
        let offset = max(machine.wall(), floor) - machine.sinceBoot()
        try connection.runScript("BEGIN IMMEDIATE; DELETE FROM timeline")
        try connection.run(
            "INSERT INTO timeline (boot, offset) VALUES (?, ?)", [.text(machine.boot), .integer(offset)])
        try connection.runScript("COMMIT")
        return Timeline(offset: offset, machine: machine)
    }

    /// The timeline of a database that was used since the machine's start; nil of any other.
    static func find(
        _ connection: inout SQLiteConnection, on machine: MachineClock
    ) throws(SQLiteError) -> Timeline? {
        guard !machine.boot.isEmpty else { return nil }
        let offsets = try connection.query("SELECT offset FROM timeline WHERE boot = ?", [.text(machine.boot)]) {
            $0.integer(0)
        }
        return offsets.first.map { Timeline(offset: $0, machine: machine) }
    }
}
