/// Decides when the I/O thread lets traffic gather before its next turn.
///
/// Under load a thread that is faster than its peer wakes for every single message, and so do all threads behind it. A short rest
/// makes one wake-up serve many messages. There is none while few messages are under way: then somebody waits for each of them.
///
/// Pure: the caller tells the time.
struct TurnPace {
    /// How long messages are counted before the pace changes.
    static let window = MonotonicTime.Interval(nanoseconds: 5_000_000)
    /// Messages in one window from which on the thread may rest: 12,000 a second.
    static let threshold: UInt64 = 60
    /// Messages under way from which on the thread may rest. Below it a rest would only delay them.
    static let crowd = 8
    static let rest = MonotonicTime.Interval(nanoseconds: 300_000)

    private var windowStart: MonotonicTime?
    private var count: UInt64 = 0
    private var isBusy = false

    /// Counts a message that came or went.
    mutating func note() { count += 1 }

    /// How long to rest before the next look at the socket; nil for not at all.
    ///
    /// - Parameter underWay: the messages whose end somebody waits for; looked at only when the rate is high.
    mutating func rest(at now: MonotonicTime, underWay: @autoclosure () -> Int) -> MonotonicTime.Interval? {
        measure(at: now)
        return isBusy && underWay() >= Self.crowd ? Self.rest : nil
    }

    private mutating func measure(at now: MonotonicTime) {
        guard let start = windowStart else {
            windowStart = now
            return
        }
        // More than one window when the thread slept: a burst of before the sleep says nothing about now.
        let windows = now.since(start).nanoseconds / Self.window.nanoseconds
        guard windows > 0 else { return }
        isBusy = count / windows >= Self.threshold
        count = 0
        windowStart = now
    }
}
