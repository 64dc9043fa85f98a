/// Why a text is not the JSON that was expected.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The byte at which reading stopped, counted from 0.
    public let offset: Int
    /// What is wrong there, for a reader who sees the text.
    public let reason: String

    /// Creates an error for the byte at `offset`.
    public init(offset: Int, reason: String) {
        self.offset = offset
        self.reason = reason
    }

    /// One line: the reason and the offset.
    public var description: String { "invalid JSON at byte \(offset): \(reason)" }
}
