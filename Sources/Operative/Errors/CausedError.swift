/// An error that knows what led to it. The causes are reported to the manager before the error itself.
public protocol CausedError: Error {
    /// The errors that led to this one, the innermost first. They may have causes of their own.
    var causes: [any Error] { get }
}
