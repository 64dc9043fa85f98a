internal import Glibc

/// The head of a response, as the original's server writes it: HTTP/1.0, no length, the connection's end is the response's.
enum HTTPHead {
    static func bytes(status: String) -> [UInt8] {
        Array(
            "HTTP/1.0 \(status)\r\nDate: \(date(time(nil)))\r\nServer: WSGIServer/0.2 CPython/3.11.7\r\nContent-Type: application/json\r\n\r\n"
                .utf8)
    }

    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// A moment as HTTP writes it.
    ///
    /// - Parameter seconds: since 1970, not before.
    static func date(_ seconds: Int) -> String {
        let (days, second) = seconds.quotientAndRemainder(dividingBy: 86400)
        let (year, month, day) = civil(days)
        func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
        let time = "\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))"
        return "\(Self.days[(days + 4) % 7]), \(two(day)) \(months[month - 1]) \(year) \(time) GMT"
    }

    /// The date of a day, counted from 1 January 1970. Years begin in March here, so that a leap day is the last of its year.
    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let (era, dayOfEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }
}
