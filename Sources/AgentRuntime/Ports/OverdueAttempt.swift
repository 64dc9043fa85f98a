/// An attempt that was parked in the broker and should have come back by now.
package struct OverdueAttempt: Sendable, Hashable {
    /// The attempt that parked it.
    package var key: TaskKey
    /// What to park again; its delay is zero.
    package var attempt: ParkedAttempt

    package init(key: TaskKey, attempt: ParkedAttempt) {
        self.key = key
        self.attempt = attempt
    }
}
