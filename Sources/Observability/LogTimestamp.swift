import Glibc

/// Moments as log lines show them: `2026-11-21T00:01:13.213Z`.
enum LogTimestamp {
    /// Milliseconds since 1970-01-01 UTC, by the clock on the wall.
    static func now() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// Appends a moment in UTC.
    ///
    /// The calendar arithmetic counts days in eras of 400 years that begin on 1 March, so that the leap day is the last
    /// day of a year and needs no special case.
    static func append(_ milliseconds: Int64, to line: inout [UInt8]) {
        let (days, rest) = divide(milliseconds, by: 86_400_000)
        let shifted = days + 719_468
        let (era, dayOfEra) = divide(shifted, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)

        appendDigits(year, 4, to: &line)
        line.append(UInt8(ascii: "-"))
        appendDigits(month, 2, to: &line)
        line.append(UInt8(ascii: "-"))
        appendDigits(day, 2, to: &line)
        line.append(UInt8(ascii: "T"))
        appendDigits(rest / 3_600_000, 2, to: &line)
        line.append(UInt8(ascii: ":"))
        appendDigits(rest / 60_000 % 60, 2, to: &line)
        line.append(UInt8(ascii: ":"))
        appendDigits(rest / 1000 % 60, 2, to: &line)
        line.append(UInt8(ascii: "."))
        appendDigits(rest % 1000, 3, to: &line)
        line.append(UInt8(ascii: "Z"))
    }

    private static func appendDigits(_ number: Int64, _ width: Int, to line: inout [UInt8]) {
        var divisor: Int64 = 1
        for _ in 1..<width { divisor *= 10 }
        while divisor > 0 {
            line.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }

    /// Division that rounds towards the past, so that moments before 1970 come out right too.
    private static func divide(_ number: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
