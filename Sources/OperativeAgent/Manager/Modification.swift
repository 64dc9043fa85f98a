internal import Glibc

/// When a file was changed, to the microsecond, as an index of files says it: `2026-11-21T00:11:50.123456+00:00`.
struct Modification: Sendable, Hashable, CustomStringConvertible {
    /// Since 1970.
    let seconds: Int
    let microseconds: Int

    init(_ time: timespec) {
        seconds = time.tv_sec
        microseconds = time.tv_nsec / 1000
    }

    /// - Parameter time: since 1970; what is finer than a microsecond is left out.
    init(_ time: Duration) {
        let (seconds, attoseconds) = time.components
        let microseconds = Int(attoseconds / 1_000_000_000_000)
        // Before 1970 both are negative.
        self.seconds = Int(seconds) - (microseconds < 0 ? 1 : 0)
        self.microseconds = microseconds < 0 ? microseconds + 1_000_000 : microseconds
    }

    /// - Returns: nil when the text is no time.
    init?(_ text: String) {
        var rest = Substring(text)
        func number(_ digits: Int) -> Int? {
            let part = rest.prefix(digits)
            guard part.count == digits, part.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
            rest.removeFirst(digits)
            return Int(part)
        }
        func skip(_ characters: String) -> Bool {
            guard let first = rest.first, characters.contains(first) else { return false }
            rest.removeFirst()
            return true
        }
        guard let year = number(4), skip("-"), let month = number(2), skip("-"), let day = number(2), skip("T "),
            let hour = number(2), skip(":"), let minute = number(2), skip(":"), let second = number(2),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61
        else { return nil }
        var fraction = 0
        if skip(".") {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard !digits.isEmpty, digits.count <= 9 else { return nil }
            rest.removeFirst(digits.count)
            fraction = Int((digits + "000000").prefix(6)) ?? 0
        }
        var offset = 0
        if let sign = rest.first, sign == "+" || sign == "-" {
            rest.removeFirst()
            guard let hours = number(2) else { return nil }
            _ = skip(":")
            guard let minutes = number(2) else { return nil }
            offset = (hours * 3600 + minutes * 60) * (sign == "-" ? -1 : 1)
        } else {
            _ = skip("Z")
        }
        guard rest.isEmpty else { return nil }
        seconds = Self.days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset
        microseconds = fraction
    }

    var time: timespec { timespec(tv_sec: seconds, tv_nsec: microseconds * 1000) }

    /// As Python writes it: without a fraction when that is zero.
    var description: String {
        let day = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let rest = seconds - day * 86_400
        let (year, month, dayOfMonth) = Self.date(day)
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = [padded(year, 4), padded(month, 2), padded(dayOfMonth, 2)]
        let clock = [padded(rest / 3600, 2), padded(rest / 60 % 60, 2), padded(rest % 60, 2)]
        let fraction = microseconds == 0 ? "" : ".\(padded(microseconds, 6))"
        return "\(date.joined(separator: "-"))T\(clock.joined(separator: ":"))\(fraction)+00:00"
    }

    /// Days from 1970 to a date, for years from 0 on. A year begins with March here, so that leap days are its last.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return 365 * year + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
    }

    private static func date(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
