import AgentRuntime
import Operative
import Testing

@Suite("Retry policy")
struct RetryPolicyTests {
    private let requeue = RetryPolicy(mode: .requeue, maximumDelay: .seconds(100), defaultInterval: .seconds(30))
    private let reply = RetryPolicy(mode: .reply, maximumDelay: .seconds(100))

    private func attempt(_ number: Int, of maximum: Int) -> RetryPolicy.Attempt {
        RetryPolicy.Attempt(retryNumber: number, maximumRetries: maximum)
    }

    private func failure(_ kind: OperationFailure.Kind) -> OperationOutcome {
        .failed(OperationFailure(kind: kind, typeName: "E", message: "m", causes: [.init(type: "E", message: "m")]))
    }

    @Test("A requested retry waits in the broker in mode requeue and is answered in mode reply")
    func modes() {
        let outcome = OperationOutcome.retry(after: .seconds(5), message: "wait")
        guard case .park(.seconds(5), _) = requeue.verdict(on: outcome, attempt: attempt(0, of: -1), canPark: true)
        else {
            Issue.record("not parked")
            return
        }
        for (policy, canPark) in [(reply, true), (requeue, false)] {
            guard
                case .answerRetry(.seconds(5), _) = policy.verdict(
                    on: outcome, attempt: attempt(0, of: -1), canPark: canPark)
            else {
                Issue.record("not answered")
                return
            }
        }
    }

    @Test("A recoverable error without a delay waits the default interval; a negative delay is none")
    func delays() {
        guard
            case .park(let byDefault, _) = requeue.verdict(
                on: failure(.recoverable(retryAfter: nil)), attempt: attempt(0, of: 3), canPark: true),
            case .park(let negative, _) = requeue.verdict(
                on: .retry(after: .seconds(-7), message: ""), attempt: attempt(0, of: 3), canPark: true)
        else {
            Issue.record("not parked")
            return
        }
        #expect(byDefault == .seconds(30))
        #expect(negative == .zero)
    }

    @Test("A failure that the agent made itself, which has no causes, is its own cause when retries are used up")
    func exhaustionWithoutCauses() {
        let timeout = OperationFailure(
            kind: .recoverable(retryAfter: nil), typeName: "OperationTimeout", message: "too slow", causes: [])
        guard case .fail(let failure) = requeue.verdict(on: .failed(timeout), attempt: attempt(1, of: 1), canPark: true)
        else {
            Issue.record("not failed")
            return
        }
        #expect(failure.causes.map(\.type) == ["OperationTimeout"])
        #expect(failure.causes.map(\.message) == ["too slow"])
    }

    @Test(
        "Used-up retries end in a non-recoverable error with the original as its cause",
        arguments: [
            (0, 0, true), (3, 3, true), (2, 3, false), (1_000, -1, false),
        ])
    func exhaustion(number: Int, maximum: Int, isExhausted: Bool) {
        let verdict = requeue.verdict(
            on: failure(.recoverable(retryAfter: .seconds(1))), attempt: attempt(number, of: maximum), canPark: true)
        if case .fail(let failure) = verdict {
            #expect(isExhausted)
            #expect(failure.kind == .nonRecoverable)
            #expect(failure.causes.contains { $0.type == "E" })
        } else {
            #expect(!isExhausted)
        }
    }

    @Test("In mode reply the manager counts the retries, not the agent")
    func replyCounts() {
        guard
            case .answerRetry = reply.verdict(
                on: .retry(after: nil, message: ""), attempt: attempt(9, of: 3), canPark: true)
        else {
            Issue.record("not answered")
            return
        }
    }

    @Test("A delay over the limit is refused with an error that names the limit, in both modes")
    func longDelay() {
        for policy in [requeue, reply] {
            guard
                case .fail(let failure) = policy.verdict(
                    on: .retry(after: .seconds(101), message: "x"), attempt: attempt(0, of: -1), canPark: true)
            else {
                Issue.record("not refused")
                return
            }
            #expect(failure.kind == .nonRecoverable)
            #expect(failure.message.contains("retry.max_delay") && failure.message.contains("100"))
        }
    }

    @Test("A non-recoverable error is final, whatever retries are left")
    func final() {
        guard case .fail = requeue.verdict(on: failure(.nonRecoverable), attempt: attempt(0, of: -1), canPark: true)
        else {
            Issue.record("not final")
            return
        }
    }
}
