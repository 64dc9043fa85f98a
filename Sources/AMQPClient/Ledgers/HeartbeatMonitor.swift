/// Decides when to send a heartbeat and when a silent peer is given up (AMQP 0-9-1, section 4.2.7).
struct HeartbeatMonitor {
    /// What to do now.
    enum Action: Equatable {
        case nothing, send, giveUp
    }

    private let interval: MonotonicTime.Interval
    private var lastSent: MonotonicTime
    private var lastReceived: MonotonicTime

    /// - Parameter seconds: The negotiated interval. Zero switches the monitor off.
    init(seconds: Int, now: MonotonicTime) {
        interval = .init(seconds: seconds)
        lastSent = now
        lastReceived = now
    }

    /// Any frame counts as a sign of life.
    mutating func received(at now: MonotonicTime) { lastReceived = now }

    /// Any bytes sent count as a sign of life.
    mutating func sent(at now: MonotonicTime) { lastSent = now }

    /// Half of the interval, so that a late wake-up still keeps the promise; two intervals of silence end the patience.
    func action(at now: MonotonicTime) -> Action {
        guard interval.nanoseconds > 0 else { return .nothing }
        if now >= lastReceived + interval * 2 { return .giveUp }
        return now >= lastSent + interval / 2 ? .send : .nothing
    }

    /// When ``action(at:)`` may answer differently; nil when the monitor is off.
    var nextDeadline: MonotonicTime? {
        guard interval.nanoseconds > 0 else { return nil }
        return min(lastSent + interval / 2, lastReceived + interval * 2)
    }
}
