/// The suffix by which texts on the wire show a wait, such as ` [retry_after=30]`.
package enum RetryAfterText {
    /// Appends the suffix unless the message contains it already.
    package static func append(_ retryAfter: Duration?, to message: String) -> String {
        guard let retryAfter else { return message }
        let suffix = "[retry_after=\(seconds(retryAfter).jsonString)]"
        return message.contains(suffix) ? message : "\(message) \(suffix)"
    }

    /// A duration in seconds: an integer when it is whole, a floating-point number otherwise.
    package static func seconds(_ duration: Duration) -> PropertyValue {
        let (seconds, attoseconds) = duration.components
        guard attoseconds != 0 else { return .integer(Int(seconds)) }
        return .double(Double(seconds) + Double(attoseconds) / 1e18)
    }
}
