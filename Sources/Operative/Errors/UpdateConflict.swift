/// Somebody else has changed an instance's runtime properties since this operation read them. Nothing was saved.
///
/// ``NodeInstance/update(onConflict:)`` settles it without failing. Left alone, it fails the attempt, which may be tried again.
public struct UpdateConflict: Recoverable, Hashable, CustomStringConvertible {
    /// The instance's id.
    public let instance: String
    /// What the keeper of the properties says about it.
    public let reason: String

    /// Creates a conflict, for a test that injects one.
    public init(instance: String, reason: String = "somebody else has changed them") {
        self.instance = instance
        self.reason = reason
    }

    /// One line naming the instance.
    public var description: String { "The runtime properties of \(instance) are not saved: \(reason)." }
}
