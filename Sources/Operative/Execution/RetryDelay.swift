/// When an operation in another language wants to be run again (`retry_after`), with the value as it was given: what a manager is told is that.
package struct RetryDelay: Sendable, Hashable {
    /// A number, or text with one. Null when the workflow decides.
    package let value: PropertyValue
    /// The same as a time, at least zero; nil when the workflow decides.
    package let duration: Duration?

    /// Longer than any setting allows, and far from what a `Duration` cannot hold.
    private static let longest = 1e12

    /// - Throws: ``NonRecoverableError`` for anything that is no number of seconds: a workflow could not wait for it.
    package init(_ value: PropertyValue) throws(NonRecoverableError) {
        self.value = value
        let seconds: Double? =
            switch value {
            case .null: nil
            case .bool(let flag): flag ? 1 : 0
            case .integer(let number): Double(number)
            case .double(let number): try Self.finite(number, value)
            case .string(let text): try Self.finite(Double(text) ?? .nan, value)
            case .array, .object: throw Self.refusal(value)
            }
        duration = seconds.map { .seconds(min(max(0, $0), Self.longest)) }
    }

    private static func finite(_ number: Double, _ value: PropertyValue) throws(NonRecoverableError) -> Double {
        guard number.isFinite else { throw refusal(value) }
        return number
    }

    private static func refusal(_ value: PropertyValue) -> NonRecoverableError {
        NonRecoverableError("The operation asked to be retried after \(value), which is no number of seconds.")
    }
}
