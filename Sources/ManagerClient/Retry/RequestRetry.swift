/// Decides, attempt by attempt, whether and where a request is sent again. Knows no clock and no network.
struct RequestRetry: Sendable {
    enum Action: Sendable, Hashable {
        /// Wait for as long as the pause says, then send it to this host.
        case send(host: Int, after: Duration)
        /// That was the last attempt.
        case giveUp
    }

    /// The host of the attempt under way.
    private(set) var host: Int
    /// Attempts that ended in a failure after which the request may have arrived at the manager.
    private(set) var uncertainAttempts = 0

    private let hostCount: Int
    private let policy: RetryPolicy
    private let isRepeatable: Bool
    private let asksAllHosts: Bool
    private let deadline: Duration?
    private var pause: Duration
    /// Hosts in a row that refused for a reason of their own.
    private var refusals = 0
    private var hasReconnected = false

    /// - Parameters:
    ///   - hostCount: How many hosts there are.
    ///   - firstHost: Where the first attempt goes.
    ///   - isRepeatable: Whether the request may arrive twice.
    ///   - asksAllHosts: Whether a refusal of one host leaves the question to the others.
    ///   - deadline: From the first attempt on, whatever the failures.
    init(
        hostCount: Int, firstHost: Int, policy: RetryPolicy, isRepeatable: Bool = true, asksAllHosts: Bool = false,
        deadline: Duration? = nil
    ) {
        self.hostCount = max(1, hostCount)
        self.host = firstHost
        self.policy = policy
        self.isRepeatable = isRepeatable
        self.asksAllHosts = asksAllHosts
        self.deadline = deadline
        pause = policy.firstPause
    }

    /// What to do after an attempt failed.
    ///
    /// - Parameter elapsed: Since the first attempt began.
    mutating func next(after failure: AttemptFailure, elapsed: Duration) -> Action {
        switch failure {
        case .notSent:
            return again(within: policy.unreachable, elapsed: elapsed)
        case .broken:
            uncertainAttempts += 1
            guard isRepeatable else { return .giveUp }
            // Most often the manager closed a connection that was kept for too long.
            if !hasReconnected, policy.unreachable > .zero, isBeforeDeadline(elapsed) {
                hasReconnected = true
                return .send(host: host, after: .zero)
            }
            return again(within: policy.unreachable, elapsed: elapsed)
        case .timedOut:
            uncertainAttempts += 1
            return isRepeatable ? again(within: policy.unreachable, elapsed: elapsed) : .giveUp
        case .truncated:
            uncertainAttempts += 1
            return isRepeatable ? again(within: policy.truncated, elapsed: elapsed) : .giveUp
        case .untrusted:
            return askNextHost(elapsed: elapsed)
        case .answered(let error):
            return next(afterAnswer: error.status ?? 0, elapsed: elapsed)
        case .final:
            return .giveUp
        }
    }

    private mutating func next(afterAnswer status: Int, elapsed: Duration) -> Action {
        if asksAllHosts, (400..<500).contains(status), status != 401 { return askNextHost(elapsed: elapsed) }
        guard isRepeatable else { return .giveUp }
        switch status {
        case 501...:
            // A proxy in front of the manager may have passed the request on.
            uncertainAttempts += 1
            return again(within: policy.unavailable, elapsed: elapsed)
        case 500:
            uncertainAttempts += 1
            return again(within: policy.serverError, elapsed: elapsed)
        case 403: return again(within: policy.forbidden, elapsed: elapsed)
        default: return .giveUp
        }
    }

    /// Each host is asked once, without a pause.
    private mutating func askNextHost(elapsed: Duration) -> Action {
        refusals += 1
        guard refusals < hostCount, isBeforeDeadline(elapsed) else { return .giveUp }
        host = (host + 1) % hostCount
        return .send(host: host, after: .zero)
    }

    private mutating func again(within limit: Duration, elapsed: Duration) -> Action {
        refusals = 0
        let wait = pause
        guard elapsed + wait <= limit, isBeforeDeadline(elapsed + wait) else { return .giveUp }
        pause = min(pause * 3 / 2, policy.longestPause)
        host = (host + 1) % hostCount
        return .send(host: host, after: wait)
    }

    private func isBeforeDeadline(_ elapsed: Duration) -> Bool { deadline.map { elapsed < $0 } ?? true }
}
