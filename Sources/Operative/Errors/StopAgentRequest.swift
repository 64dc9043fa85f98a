/// Ends the agent after this operation has been reported as successful.
///
/// Throw it from the operation that stops or replaces the agent itself.
public struct StopAgentRequest: Error, Hashable, Sendable {
    /// Creates a request.
    public init() {}
}
