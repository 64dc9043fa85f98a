/// How long to wait before the next attempt to connect, to consume or to reopen a channel.
///
/// Full jitter: attempt *n* waits a uniformly random time between zero and `min(maximum, base × 2ⁿ)`, so that agents which lost
/// the same broker do not come back in step.
public struct AMQPReconnectPolicy: Sendable, Hashable {
    /// The upper bound of the first wait.
    public var base: Duration
    /// The upper bound of every wait.
    public var maximum: Duration

    /// Creates a policy.
    public init(base: Duration = .milliseconds(500), maximum: Duration = .seconds(30)) {
        self.base = base
        self.maximum = maximum
    }
}
