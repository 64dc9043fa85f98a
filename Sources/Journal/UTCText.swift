import Glibc

/// Moments as text in UTC.
package enum UTCText {
    /// The clock on the wall.
    package static func millisecondsSinceEpoch() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// `2026-11-21T00:01:13.213Z`
    package static func text(_ milliseconds: Int64) -> String {
        let time = parts(milliseconds)
        return "\(time.year)-\(time.month)-\(time.day)T\(time.hour):\(time.minute):\(time.second).\(time.millisecond)Z"
    }

    /// `20261121T000113.213Z`, for file names.
    static func compact(_ milliseconds: Int64) -> String {
        let time = parts(milliseconds)
        return "\(time.year)\(time.month)\(time.day)T\(time.hour)\(time.minute)\(time.second).\(time.millisecond)Z"
    }

    private struct Parts {
        let year, month, day, hour, minute, second, millisecond: String
    }

    private static func parts(_ milliseconds: Int64) -> Parts {
        let clamped = max(0, milliseconds)
        var seconds = time_t(clamped / 1000)
        var time = unsafe tm()
        unsafe gmtime_r(&seconds, &time)
        return unsafe Parts(
            year: padded(Int(time.tm_year) + 1900, 4), month: padded(Int(time.tm_mon) + 1, 2),
            day: padded(Int(time.tm_mday), 2), hour: padded(Int(time.tm_hour), 2),
            minute: padded(Int(time.tm_min), 2), second: padded(Int(time.tm_sec), 2),
            millisecond: padded(Int(clamped % 1000), 3))
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
