/// A value that hides itself from descriptions, reflection and interpolation; only ``value`` tells it.
public struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The secret itself. Do not log it.
    public let value: String

    /// Wraps a secret.
    public init(_ value: String) {
        self.value = value
    }

    /// Always the same placeholder.
    public var description: String { Self.placeholder }
    /// Always the same placeholder.
    public var debugDescription: String { Self.placeholder }
    /// Shows no children, so that `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: []) }

    static let placeholder = "(hidden)"
}
