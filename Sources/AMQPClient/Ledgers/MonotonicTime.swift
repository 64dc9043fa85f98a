internal import CRabbitMQ

/// Nanoseconds of a clock that nobody sets.
struct MonotonicTime: Comparable, Sendable {
    /// A span of time that cannot be negative.
    struct Interval: Sendable, Equatable {
        var nanoseconds: UInt64

        init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }
        init(seconds: Int) { nanoseconds = UInt64(max(seconds, 0)) &* 1_000_000_000 }

        /// Saturates: a negative duration is zero, an endless one about 146 years.
        init(_ duration: Duration) {
            let parts = duration.components
            guard parts.seconds >= 0, parts.attoseconds >= 0 else {
                nanoseconds = 0
                return
            }
            let seconds = UInt64(min(parts.seconds, Int64(UInt64.max / 4_000_000_000)))
            nanoseconds = seconds * 1_000_000_000 + UInt64(parts.attoseconds / 1_000_000_000)
        }

        static func * (interval: Interval, factor: UInt64) -> Interval {
            Interval(nanoseconds: interval.nanoseconds &* factor)
        }

        static func / (interval: Interval, divisor: UInt64) -> Interval {
            Interval(nanoseconds: interval.nanoseconds / divisor)
        }
    }

    var nanoseconds: UInt64

    static var now: MonotonicTime {
        MonotonicTime(nanoseconds: crmq_monotonic_nanoseconds())
    }

    static func < (left: MonotonicTime, right: MonotonicTime) -> Bool { left.nanoseconds < right.nanoseconds }

    static func + (time: MonotonicTime, interval: Interval) -> MonotonicTime {
        MonotonicTime(nanoseconds: time.nanoseconds &+ interval.nanoseconds)
    }

    static func + (time: MonotonicTime, duration: Duration) -> MonotonicTime { time + Interval(duration) }

    /// The time from `earlier` to `self`, zero when `earlier` is later.
    func since(_ earlier: MonotonicTime) -> Interval {
        Interval(nanoseconds: nanoseconds > earlier.nanoseconds ? nanoseconds - earlier.nanoseconds : 0)
    }
}

extension Duration {
    /// The duration of an interval.
    init(_ interval: MonotonicTime.Interval) {
        self = .nanoseconds(Int64(clamping: interval.nanoseconds))
    }
}
