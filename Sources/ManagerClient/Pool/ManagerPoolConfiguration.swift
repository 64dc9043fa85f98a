/// Limits of the connections to managers.
public struct ManagerPoolConfiguration: Sendable {
    /// Threads that read and write; one serves thousands of requests per second.
    public var threads = 1
    /// How long connecting may take, with TLS.
    public var connectTimeout: Duration = .seconds(5)
    /// How long a manager may be silent in the middle of a request.
    public var readTimeout: Duration = .seconds(300)
    /// How long an answer that is kept in memory may take from its first byte to its last.
    public var answerTimeout: Duration = .seconds(300)
    /// How long an unused connection is kept: less than managers keep theirs (75 s).
    public var idleTimeout: Duration = .seconds(30)
    /// How long closing waits for requests that do not end although their connections are closed.
    public var closingPatience: Duration = .seconds(2)
    /// How many connections to one host are open at once; more requests wait for one.
    public var connectionsPerHost = 16
    /// How many bytes an answer kept in memory may have.
    public var answerLimit = 16 << 20
    /// When to send again.
    public var retry = RetryPolicy.standard
    /// The clock.
    public var time = ManagerTime.system
    /// Chooses the host to begin with, out of so many.
    public var firstHost: @Sendable (Int) -> Int = { Int.random(in: 0..<max(1, $0)) }

    /// The standard limits.
    public init() {}
}
