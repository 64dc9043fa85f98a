/// Why it is not known where a manager is, or whom to trust there.
public struct ManagerAddressError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The environment variable or the field of the task's context that is missing or wrong.
    public let field: String
    /// What is wrong with it and what to do about it.
    public let reason: String

    /// The field and the reason, in one line.
    public var description: String { "\(field): \(reason)" }
}
