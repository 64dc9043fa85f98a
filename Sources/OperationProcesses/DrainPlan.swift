/// How long output is still taken when the program has ended.
///
/// What was in a pipe at that moment is the program's own, and is always taken. A pipe that stays open then belongs to something
/// that was left running: it gets a while to say its last words, and no more than two seconds.
struct DrainPlan {
    /// A pipe that stays silent for this long is taken to be finished with.
    static let quiet: Duration = .milliseconds(500)
    private static let mostTicks = 4

    /// Bytes that must be taken yet.
    private var owed: [ProcessSource: Int]
    private var ticks = 0
    private var wasRead = false

    /// - Parameter waiting: the pipes that are open, with what is in them.
    init(waiting: [ProcessSource: Int]) { owed = waiting }

    /// Whether nothing more is to be read.
    var isDone: Bool { owed.isEmpty }

    mutating func read(_ source: ProcessSource, count: Int) {
        wasRead = true
        guard let left = owed[source] else { return }
        owed[source] = max(0, left - count)
        if ticks >= Self.mostTicks { dropPaid() }
    }

    mutating func ended(_ source: ProcessSource) { owed[source] = nil }

    /// To be called after each ``quiet``.
    ///
    /// - Returns: whether another one is to follow.
    mutating func tick() -> Bool {
        ticks += 1
        if !wasRead || ticks >= Self.mostTicks { dropPaid() }
        if !wasRead { ticks = Self.mostTicks }
        wasRead = false
        return !isDone && ticks < Self.mostTicks
    }

    private mutating func dropPaid() { owed = owed.filter { $0.value > 0 } }
}
