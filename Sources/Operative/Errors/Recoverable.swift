/// An error after which the operation may be tried again.
///
/// Errors that adopt neither ``Recoverable`` nor ``NonRecoverable`` are recoverable too; adopt this protocol to say when
/// to try again.
public protocol Recoverable: Error {
    /// How long to wait before the next attempt; `nil` leaves it to the workflow.
    var retryAfter: Duration? { get }
}

extension Recoverable {
    /// The workflow decides.
    public var retryAfter: Duration? { nil }
}
