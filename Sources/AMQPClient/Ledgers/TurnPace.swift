/// Decides when the I/O thread may let traffic gather before its next turn.
///
/// Under load a thread that is faster than its peer wakes for every single message, and so do all threads behind it. A short rest makes one wake-up serve several messages;
/// below the threshold, where somebody may wait for one answer, there is none.
struct TurnPace {
    static let window = MonotonicTime.Interval(nanoseconds: 5_000_000)
    /// Messages in one window from which on the thread rests: 12,000 a second.
    static let threshold = 60
    static let rest = MonotonicTime.Interval(nanoseconds: 300_000)

    private var windowEnd: MonotonicTime?
    private var count = 0
    private var isBusy = false

    /// Counts messages that came or went.
    mutating func note(_ messages: Int = 1) { count += messages }

    /// How long to rest before the next look at the socket.
    mutating func rest(at now: MonotonicTime) -> MonotonicTime.Interval {
        guard let end = windowEnd, now < end else {
            isBusy = windowEnd != nil && count >= Self.threshold
            count = 0
            windowEnd = now + Self.window
            return isBusy ? Self.rest : MonotonicTime.Interval(nanoseconds: 0)
        }
        return isBusy ? Self.rest : MonotonicTime.Interval(nanoseconds: 0)
    }
}
