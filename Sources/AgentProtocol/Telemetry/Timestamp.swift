import Glibc
import Operative
// Optimised builds of Swift 6.3 find the members of timespec only here.
import SwiftOverlayShims

/// A moment in time, to the millisecond.
public struct Timestamp: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public let millisecondsSinceEpoch: Int64

    /// Creates a moment. What lies before 1970 or after the year 9999 is moved to the nearer end.
    public init(millisecondsSinceEpoch: Int64) {
        self.millisecondsSinceEpoch = min(max(millisecondsSinceEpoch, 0), 253_402_300_799_999)
    }

    /// The present, by the system's clock.
    public static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(millisecondsSinceEpoch: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// UTC in the form that records use, such as `2026-11-21T00:01:13.213Z`.
    public var description: String { String(decoding: utf8, as: UTF8.self) }

    /// Compares moments.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.millisecondsSinceEpoch < right.millisecondsSinceEpoch
    }

    func write(to writer: inout JSONWriter) {
        writer.raw("\"")
        writer.raw(utf8)
        writer.raw("\"")
    }

    private var utf8: [UInt8] {
        let (days, time) = millisecondsSinceEpoch.quotientAndRemainder(dividingBy: 86_400_000)
        let (year, month, day) = Self.civilDate(daysSinceEpoch: Int(days))
        let milliseconds = Int(time)
        var text = Array("0000-00-00T00:00:00.000Z".utf8)
        Self.put(year, digits: 4, at: 0, in: &text)
        Self.put(month, digits: 2, at: 5, in: &text)
        Self.put(day, digits: 2, at: 8, in: &text)
        Self.put(milliseconds / 3_600_000, digits: 2, at: 11, in: &text)
        Self.put(milliseconds / 60_000 % 60, digits: 2, at: 14, in: &text)
        Self.put(milliseconds / 1000 % 60, digits: 2, at: 17, in: &text)
        Self.put(milliseconds % 1000, digits: 3, at: 20, in: &text)
        return text
    }

    private static func put(_ number: Int, digits: Int, at position: Int, in text: inout [UInt8]) {
        var rest = number
        for index in stride(from: position + digits - 1, through: position, by: -1) {
            text[index] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
    }

    /// The Gregorian date, counted in 400-year eras that begin on 1 March so that the leap day comes last.
    private static func civilDate(daysSinceEpoch: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = daysSinceEpoch + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}
