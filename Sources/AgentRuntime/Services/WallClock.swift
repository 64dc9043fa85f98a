internal import Glibc

/// The time of day, for what is shown to people and peers. Nothing waits by it.
enum WallClock {
    /// Seconds since the epoch.
    static var seconds: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
