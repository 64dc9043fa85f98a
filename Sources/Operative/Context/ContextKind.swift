/// What an operation works on. It decides which parts of the context may be used.
public enum ContextKind: String, Sendable, Hashable, CustomStringConvertible {
    /// One node instance: ``OperationContext/node`` and ``OperationContext/instance``.
    case nodeInstance = "node-instance"
    /// A relationship between two node instances: ``OperationContext/source`` and ``OperationContext/target``.
    case relationship = "relationship-instance"
    /// The deployment as a whole.
    case deployment = "deployment"

    /// The name as it appears in error messages.
    public var description: String { rawValue }
}
