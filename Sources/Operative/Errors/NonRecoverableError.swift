/// Fails an operation for good.
///
/// ```swift
/// guard let port = try await ctx.node.properties["port"]?.intValue else {
///     throw NonRecoverableError("property 'port' must be an integer")
/// }
/// ```
public struct NonRecoverableError: NonRecoverable, CausedError, CustomStringConvertible {
    /// What went wrong, for the person who reads the workflow's log.
    public let message: String
    /// The error that led to this one; `nil` when this is the first.
    public let cause: (any Error)?

    /// Creates an error.
    public init(_ message: String, cause: (any Error)? = nil) {
        self.message = message
        self.cause = cause
    }

    /// The cause, or nothing.
    public var causes: [any Error] { cause.map { [$0] } ?? [] }
    /// The message.
    public var description: String { message }
}
