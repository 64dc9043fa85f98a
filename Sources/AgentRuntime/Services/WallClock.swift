internal import Glibc

/// The time of day, for what is shown to people and peers. Nothing waits by it.
package enum WallClock {
    /// Seconds since the epoch.
    package static var now: Double {
        let time = reading
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Milliseconds since the epoch.
    package static var milliseconds: Int64 {
        let time = reading
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }

    private static var reading: timespec {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return time
    }
}
