import Testing

@testable import ManagerClient

@Suite("When a request is sent again")
struct RequestRetryTests {
    private static func answered(_ status: Int) -> AttemptFailure {
        .answered(ManagerError(.refused, status: status, message: "", request: ""))
    }

    /// Fails in the same way until it is given up: the pauses, and the hosts that were asked.
    private func run(
        _ failure: AttemptFailure, hosts: Int = 1, isRepeatable: Bool = true, asksAllHosts: Bool = false,
        deadline: Duration? = nil, policy: RetryPolicy = .standard
    ) -> (pauses: [Duration], hosts: [Int]) {
        var retry = RequestRetry(
            hostCount: hosts, firstHost: 0, policy: policy, isRepeatable: isRepeatable, asksAllHosts: asksAllHosts,
            deadline: deadline)
        var elapsed = Duration.zero
        var pauses: [Duration] = []
        var asked = [0]
        while case .send(let host, let pause) = retry.next(after: failure, elapsed: elapsed) {
            elapsed += pause
            pauses.append(pause)
            asked.append(host)
        }
        return (pauses, asked)
    }

    @Test("Pauses grow by half from 1 s to 30 s, over all hosts in turn, for an hour")
    func unreachable() {
        let (pauses, hosts) = run(.notSent(""), hosts: 3)
        #expect(pauses.prefix(4) == [.seconds(1), .seconds(1.5), .seconds(2.25), .seconds(3.375)])
        #expect(pauses.max() == .seconds(30))
        #expect(hosts.prefix(5) == [0, 1, 2, 0, 1])
        let total = pauses.reduce(.zero, +)
        #expect(total <= .seconds(3600) && total > .seconds(3560))
    }

    @Test(
        "Each status has its time",
        arguments: [(502, 3600), (503, 3600), (500, 60), (403, 60), (400, 0), (401, 0), (404, 0), (409, 0), (301, 0)])
    func statuses(_ status: Int, _ limit: Int) {
        let total = run(Self.answered(status)).pauses.reduce(.zero, +)
        #expect(total <= .seconds(limit))
        #expect(limit == 0 ? total == .zero : total > .seconds(limit - 31))
    }

    @Test("What must not arrive twice is repeated only when it did not leave")
    func notRepeatable() {
        #expect(!run(.notSent(""), isRepeatable: false).pauses.isEmpty)
        for failure: AttemptFailure in [
            .broken(""), .timedOut(""), .truncated(""), Self.answered(503), Self.answered(500),
        ] {
            #expect(run(failure, isRepeatable: false).pauses.isEmpty, "\(failure)")
        }
    }

    @Test("A connection that was closed is replaced at once, the first time")
    func closedConnection() {
        #expect(run(.broken("")).pauses.prefix(3) == [.zero, .seconds(1), .seconds(1.5)])
    }

    @Test(
        "A certificate that cannot be trusted, and a file that is not there, are asked of each host once, without a pause"
    )
    func refusals() {
        #expect(run(.untrusted(""), hosts: 3) == ([.zero, .zero], [0, 1, 2]))
        #expect(run(Self.answered(404), hosts: 3, asksAllHosts: true) == ([.zero, .zero], [0, 1, 2]))
        #expect(run(Self.answered(401), hosts: 3, asksAllHosts: true).pauses.isEmpty)
    }

    @Test("A deadline ends it, whatever the failure")
    func deadline() {
        let total = run(.notSent(""), deadline: .seconds(10)).pauses.reduce(.zero, +)
        #expect(total < .seconds(10) && total > .seconds(4))
    }

    @Test("It is known whether the request may have arrived before")
    func uncertainty() {
        var retry = RequestRetry(hostCount: 1, firstHost: 0, policy: .standard)
        _ = retry.next(after: .notSent(""), elapsed: .zero)
        #expect(retry.uncertainAttempts == 0)
        _ = retry.next(after: .broken(""), elapsed: .zero)
        #expect(retry.uncertainAttempts == 1)
        _ = retry.next(after: Self.answered(502), elapsed: .zero)
        #expect(retry.uncertainAttempts == 2)
    }
}
