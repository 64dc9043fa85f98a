/// Somebody else has changed an instance's runtime properties since the operation read them.
public struct UpdateConflict: Error, Hashable, Sendable, CustomStringConvertible {
    /// The instance's id.
    public let instance: String

    /// Creates a conflict, for a test that injects one.
    public init(instance: String) { self.instance = instance }

    /// One line naming the instance.
    public var description: String { "runtime properties of \(instance) were changed by somebody else" }
}
