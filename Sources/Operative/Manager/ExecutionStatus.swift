/// How far a workflow execution is.
public struct ExecutionStatus: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The name on the wire.
    public let rawValue: String

    /// A status by its name on the wire; also one that this version does not know.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Waits to be started.
    public static let pending = ExecutionStatus(rawValue: "pending")
    /// Runs.
    public static let started = ExecutionStatus(rawValue: "started")
    /// Is being cancelled; what runs may end.
    public static let cancelling = ExecutionStatus(rawValue: "cancelling")
    /// Is being cancelled at once.
    public static let forceCancelling = ExecutionStatus(rawValue: "force_cancelling")
    /// Is being cancelled, what runs is ended.
    public static let killCancelling = ExecutionStatus(rawValue: "kill_cancelling")
    /// Was cancelled.
    public static let cancelled = ExecutionStatus(rawValue: "cancelled")
    /// Has succeeded.
    public static let terminated = ExecutionStatus(rawValue: "terminated")
    /// Has failed.
    public static let failed = ExecutionStatus(rawValue: "failed")
    /// Waits in the manager's queue.
    public static let queued = ExecutionStatus(rawValue: "queued")
    /// Is to run later.
    public static let scheduled = ExecutionStatus(rawValue: "scheduled")

    /// The name on the wire.
    public var description: String { rawValue }
}
