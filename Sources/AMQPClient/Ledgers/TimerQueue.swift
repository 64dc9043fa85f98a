/// What is to happen later. Few entries, so a plain array is searched.
struct TimerQueue {
    private struct Entry {
        let id: Int
        let deadline: MonotonicTime
        let fire: () -> Void
    }

    private var entries: [Entry] = []
    private var lastID = 0

    /// When the first entry is due; nil when there is none.
    private(set) var nextDeadline: MonotonicTime?

    /// Adds an entry.
    ///
    /// - Returns: What ``cancel(_:)`` takes.
    mutating func add(at deadline: MonotonicTime, _ fire: @escaping () -> Void) -> Int {
        lastID += 1
        entries.append(Entry(id: lastID, deadline: deadline, fire: fire))
        nextDeadline = min(nextDeadline ?? deadline, deadline)
        return lastID
    }

    /// Forgets an entry; does nothing when it has been taken.
    mutating func cancel(_ id: Int) {
        entries.removeAll { $0.id == id }
        nextDeadline = entries.map(\.deadline).min()
    }

    /// Takes out what is due, earliest first.
    mutating func takeDue(at now: MonotonicTime) -> [() -> Void] {
        guard let nextDeadline, nextDeadline <= now else { return [] }
        let due = entries.filter { $0.deadline <= now }.sorted { $0.deadline < $1.deadline }
        entries.removeAll { $0.deadline <= now }
        self.nextDeadline = entries.map(\.deadline).min()
        return due.map(\.fire)
    }

    /// Takes out everything.
    mutating func takeAll() -> [() -> Void] {
        defer { self = TimerQueue() }
        return entries.map(\.fire)
    }
}
