/// How long, and how often, an agent asks for a queue that somebody else uses exclusively.
struct QueueClaim {
    /// How long after the first refusal the queue is asked for once more, for the last time.
    let patience: Duration
    private(set) var refusals = 0
    private var givesUpAt: ContinuousClock.Instant?

    init(patience: Duration) { self.patience = patience }

    /// Notes a refusal.
    ///
    /// - Returns: how long to wait before the next attempt; nil when it was the last.
    mutating func refused(at now: ContinuousClock.Instant) -> Duration? {
        let end = givesUpAt ?? now + patience
        givesUpAt = end
        refusals += 1
        guard now < end else { return nil }
        let pause = min(.milliseconds(250) * (1 << min(refusals - 1, 5)), .seconds(5))
        return min(pause, now.duration(to: end))
    }
}
