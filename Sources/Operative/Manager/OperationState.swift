/// How far an operation is, as the manager records it.
public struct OperationState: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The name on the wire.
    public let rawValue: String

    /// A state by its name on the wire; also one that this version does not know.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Not sent yet.
    public static let pending = OperationState(rawValue: "pending")
    /// About to be sent.
    public static let sending = OperationState(rawValue: "sending")
    /// Sent to an agent.
    public static let sent = OperationState(rawValue: "sent")
    /// Runs.
    public static let started = OperationState(rawValue: "started")
    /// Has ended; its answer is on the way.
    public static let responseSent = OperationState(rawValue: "response-sent")
    /// Has succeeded.
    public static let succeeded = OperationState(rawValue: "succeeded")
    /// Has failed.
    public static let failed = OperationState(rawValue: "failed")
    /// Has asked to be run again.
    public static let rescheduled = OperationState(rawValue: "rescheduled")

    /// The name on the wire.
    public var description: String { rawValue }
}
