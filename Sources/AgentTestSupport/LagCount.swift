/// How much of a time a busy machine has kept: what a thread and Swift's shared pool were late, whichever is more.
struct LagCount {
    /// How long the thread wants to sleep each time.
    private let interval: Duration
    private let began: ContinuousClock.Instant
    /// When the thread was last let run, or the count began.
    private var ran: ContinuousClock.Instant
    private var threadLag = Duration.zero
    private var poolLag = Duration.zero
    /// When the place in the pool was asked for; nil while none is.
    private var asked: ContinuousClock.Instant?

    init(from began: ContinuousClock.Instant, interval: Duration) {
        self.interval = interval
        self.began = began
        ran = began
    }

    /// The thread is let run, after it has slept.
    mutating func threadRuns(at now: ContinuousClock.Instant) {
        threadLag += late(at: now)
        ran = now
    }

    /// A place in the pool is wanted.
    ///
    /// - Returns: whether to ask for one; not while one is asked for.
    mutating func wantsPlace(at now: ContinuousClock.Instant) -> Bool {
        guard asked == nil else { return false }
        asked = now
        return true
    }

    /// The place in the pool was given.
    mutating func gotPlace(at now: ContinuousClock.Instant) {
        guard let asked else { return }
        poolLag += now - asked
        self.asked = nil
    }

    /// The time that counts. At least zero. Who is late and still waits is late by now.
    func counted(at now: ContinuousClock.Instant) -> Duration {
        let lag = max(threadLag + late(at: now), poolLag + (asked.map { now - $0 } ?? .zero))
        return max(.zero, now - began - lag)
    }

    private func late(at now: ContinuousClock.Instant) -> Duration { max(.zero, now - ran - interval) }
}
