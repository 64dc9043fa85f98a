internal import Operative

/// How long a script wants to wait before its operation is run again.
enum RetryDelay {
    /// More than anybody means, and far less than a duration holds.
    private static let longest = 100 * 365 * 86400.0

    /// Reads `retry_after`: seconds as a number, or as text, which is what a script gives that forgets the `@`.
    ///
    /// - Returns: nil when the workflow is to decide.
    static func read(_ arguments: CtxFunction.Arguments) throws(CtxFault) -> Duration? {
        let seconds: Double?
        switch arguments["retry_after"] {
        case nil, .null?: return nil
        case .integer(let number)?: seconds = Double(number)
        case .double(let number)?: seconds = number
        case .string(let text)?: seconds = number(text)
        default: throw arguments.wrong("retry_after", "a number of seconds")
        }
        guard let seconds, seconds.isFinite, seconds <= longest else {
            throw .value(
                "\(arguments.function)(): argument 'retry_after' must be a number of seconds, at most 100 years, not \((arguments["retry_after"] ?? .null).jsonString)"
            )
        }
        // What lies in the past is due at once.
        return seconds <= 0 ? .zero : .seconds(seconds)
    }

    private static func number(_ text: String) -> Double? {
        let trimmed = text.filter { $0 != " " }
        guard !trimmed.isEmpty, trimmed.utf8.allSatisfy({ "+-.0123456789eE".utf8.contains($0) }) else { return nil }
        return Double(trimmed)
    }
}
