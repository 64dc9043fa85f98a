/// Asks for the operation to be run again later. It is not a failure.
///
/// Thrown by ``OperationInfo/retry(after:message:)``; let it pass through. When it is swallowed, the operation is run again all the same.
public struct RetryRequest: Error, Hashable, Sendable, CustomStringConvertible {
    /// How long to wait; `nil` leaves it to the workflow.
    public let after: Duration?
    /// Why, for the person who reads the workflow's log.
    public let message: String

    package init(after: Duration?, message: String) {
        self.after = after.map { max($0, .zero) }
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
