/// How far a task has come, as the column `state` says it.
public enum JournalState: Int64, Sendable, Hashable, CaseIterable {
    /// Taken over from the broker, waits for a slot.
    case waiting = 0
    /// Its operation was started and has no outcome yet.
    case started = 1
    /// It has an outcome that the broker has not confirmed yet.
    case finished = 2
    /// Its outcome has reached the broker.
    case settled = 3
}
