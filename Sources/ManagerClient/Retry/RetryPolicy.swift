/// For how long a request is tried again, counted from its first attempt (Cloudify agent protocol, 6.1).
public struct RetryPolicy: Sendable, Hashable {
    /// While no host can be reached, or none answers to the end.
    public var unreachable: Duration
    /// While the manager answers with a status above 500: it is being started, or a proxy is alone.
    public var unavailable: Duration
    /// While the manager answers with 500.
    public var serverError: Duration
    /// While the manager answers with 403: permissions take a moment to arrive.
    public var forbidden: Duration
    /// The first pause; each one after is half as long again.
    public var firstPause: Duration
    /// The longest pause.
    public var longestPause: Duration
    /// The limit of an answer that begins and does not end as it should.
    public var truncated: Duration

    /// Those of the original, unless named.
    public init(
        unreachable: Duration = .seconds(3600), unavailable: Duration = .seconds(3600),
        serverError: Duration = .seconds(60), forbidden: Duration = .seconds(60), truncated: Duration = .seconds(60),
        firstPause: Duration = .seconds(1), longestPause: Duration = .seconds(30)
    ) {
        self.unreachable = unreachable
        self.unavailable = unavailable
        self.serverError = serverError
        self.forbidden = forbidden
        self.truncated = truncated
        self.firstPause = firstPause
        self.longestPause = longestPause
    }

    /// Those of the original.
    public static let standard = RetryPolicy()

    /// Nothing is tried twice.
    public static let never = RetryPolicy(
        unreachable: .zero, unavailable: .zero, serverError: .zero, forbidden: .zero, truncated: .zero)
}
