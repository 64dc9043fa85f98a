/// What a journal says of one task.
package enum JournalEntry: Sendable, Hashable {
    case unknown
    /// It was taken over from the broker before it was started.
    case waiting
    /// It ended with this outcome; `isSettled` when the broker has confirmed it.
    case finished(StoredOutcome, isSettled: Bool)
    /// It was started by a process that is gone, and has no outcome.
    case interrupted(InterruptedStart)

    /// The broker has the outcome.
    package var isSettled: Bool {
        if case .finished(_, isSettled: true) = self { return true }
        return false
    }
}
