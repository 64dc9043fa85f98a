/// How a task ended, in the form that is needed to tell it again.
package enum StoredOutcome: Sendable, Hashable {
    /// Answered with this body.
    case reply([UInt8])
    /// Put aside for another attempt after this delay, with this body.
    case retry(body: [UInt8], delay: Duration)
    /// Ended without a word, because it was cancelled.
    case silence

    /// It waits in the broker for another attempt.
    package var isParked: Bool {
        if case .retry = self { return true }
        return false
    }
}
