import Operative
import Testing

@Suite("Running an operation")
struct PerformTests {
    struct OwnError: Error {}
    struct GaveUp: NonRecoverable, CustomStringConvertible { var description: String { "no more" } }
    struct Busy: Recoverable { var retryAfter: Duration? { .seconds(7) } }
    struct Inputs: Decodable {
        let size: Int
        let name: String?
        let list: [Item]?
    }
    struct Item: Decodable { let port: Int }

    @Test("no result is null, a result is encoded")
    func results() async {
        #expect(await run(Operation("a") { _ in }) == .succeeded(.null))
        #expect(await run(Operation("a") { _ in ["x": [1, 2]] }) == .succeeded(["x": [1, 2]]))
        #expect(await run(Operation("a") { ctx in ctx.operation.retryNumber }) == .succeeded(2))
    }

    @Test("a result that cannot be encoded fails for good, naming the place")
    func badResult() async {
        guard case .failed(let failure) = await run(Operation("a") { _ in ["x": [UInt.max]] }) else {
            Issue.record("must fail")
            return
        }
        #expect(failure.kind == .nonRecoverable)
        #expect(failure.message.hasPrefix("'x[0]' in the result cannot be sent"))
    }

    @Test("inputs arrive typed, or as they are")
    func inputs() async {
        let typed = Operation("a", inputs: Inputs.self) { _, inputs in inputs.size + (inputs.list?.first?.port ?? 0) }
        #expect(await run(inputs: ["size": 1, "list": [["port": 2]]], typed) == .succeeded(3))
        let raw = Operation("a", inputs: [String: PropertyValue].self) { _, inputs in inputs }
        #expect(await run(inputs: ["any": [1]], raw) == .succeeded(["any": [1]]))
    }

    @Test(
        "inputs that do not fit fail for good, naming input, expectation and finding",
        arguments: [
            (["size": "1"], "input 'size': expected an integer, found a string"),
            ([:], "input 'size': expected an integer, found nothing"),
            (["size": 1, "name": 5], "input 'name': expected a string, found an integer"),
            (
                ["size": 1, "list": [["port": 1], ["port": nil]]],
                "input 'list[1].port': expected an integer, found null"
            ),
        ] as [(PropertyValue, String)])
    func badInputs(inputs: PropertyValue, message: String) async {
        let operation = Operation("a", inputs: Inputs.self) { _, _ in }
        guard case .failed(let failure) = await run(inputs: inputs.objectValue ?? [:], operation) else {
            Issue.record("must fail")
            return
        }
        #expect(failure.kind == .nonRecoverable)
        #expect(failure.message == message)
    }

    @Test("operations without inputs never read them")
    func inputsAreLazy() async {
        let context = makeContext(TestBackend())
        let outcome = await perform(Operation("a") { _ in }, in: context, inputs: OperationInputs { throw OwnError() })
        #expect(outcome == .succeeded(.null))
    }

    @Test("facts are built at most once, and not at all when nobody asks")
    func factsAreLazy() async {
        await confirmation(expectedCount: 1) { asked in
            let context = OperationContext(
                taskName: "t", operationName: nil, retryNumber: 0, maxRetries: -1,
                facts: {
                    asked()
                    return OperationFacts(subject: .deployment)
                }, backend: TestBackend(), logger: makeContext(TestBackend()).logger)
            #expect(context.operation.name == "t")
            _ = context.kind
            _ = context.deployment
        }
    }

    @Test("a retry request ends the attempt")
    func retry() async {
        let operation = Operation("a") { ctx in try ctx.operation.retry(after: .seconds(5), message: "later") }
        #expect(await run(operation) == .retry(after: .seconds(5), message: "later"))
    }

    @Test("a swallowed retry request still retries, discarding the result")
    func swallowedRetry() async {
        let operation = Operation("a") { ctx -> Int in
            do { try ctx.operation.retry(after: .seconds(5), message: "later") } catch { return 1 }
        }
        #expect(await run(operation) == .retry(after: .seconds(5), message: "later"))
    }

    @Test("another error thrown after a retry request wins")
    func retryThenError() async {
        let operation = Operation("a") { ctx in
            do { try ctx.operation.retry() } catch { throw NonRecoverableError("worse") }
        }
        guard case .failed(let failure) = await run(operation) else {
            Issue.record("must fail")
            return
        }
        #expect(failure.message == "worse")
    }

    @Test("a negative delay counts as none")
    func negativeDelay() async {
        let operation = Operation("a") { ctx in try ctx.operation.retry(after: .seconds(-5), message: "later") }
        #expect(await run(operation) == .retry(after: .zero, message: "later"))
    }

    @Test(
        "errors say whether to try again; unknown errors are recoverable",
        arguments: [
            (OwnError(), .recoverable(retryAfter: nil), "OwnError", "OwnError()"),
            (GaveUp(), .nonRecoverable, "GaveUp", "no more"),
            (Busy(), .recoverable(retryAfter: .seconds(7)), "Busy", "Busy()"),
            (NonRecoverableError("m"), .nonRecoverable, "NonRecoverableError", "m"),
            (
                RecoverableError("m", retryAfter: .seconds(3)), .recoverable(retryAfter: .seconds(3)),
                "RecoverableError", "m"
            ),
            (CancellationError(), .recoverable(retryAfter: nil), "CancellationError", "CancellationError()"),
        ] as [(any Error, OperationFailure.Kind, String, String)])
    func errors(error: any Error, kind: OperationFailure.Kind, type: String, message: String) async {
        guard case .failed(let failure) = await run(Operation("a") { _ in throw error }) else {
            Issue.record("must fail")
            return
        }
        #expect(failure.kind == kind)
        #expect(failure.typeName == type)
        #expect(failure.message == message)
        #expect(failure.causes.last?.type == type)
    }

    @Test("causes are reported innermost first, the error itself last")
    func causes() async {
        let inner = RecoverableError("middle", retryAfter: .milliseconds(1500), cause: OwnError())
        guard
            case .failed(let failure) = await run(
                Operation("a") { _ in throw NonRecoverableError("outer", cause: inner) })
        else {
            Issue.record("must fail")
            return
        }
        #expect(
            failure.causes == [
                .init(type: "OwnError", message: "OwnError()"),
                .init(type: "RecoverableError", message: "middle [retry_after=1.5]"),
                .init(type: "NonRecoverableError", message: "outer"),
            ])
    }

    @Test("an error that is its own cause does not hang")
    func endlessCauses() {
        final class Loop: CausedError, Sendable {
            var causes: [any Error] { [self, self] }
        }
        #expect(OperationFailure(Loop()).causes.count <= 100)
    }

    @Test("stopping the agent is an outcome of its own")
    func stopAgent() async {
        #expect(await run(Operation("a") { _ in throw StopAgentRequest() }) == .stopAgent)
    }

    @Test("a cancelled task that throws CancellationError is cancelled, one that finishes is not")
    func cancellation() async {
        let obedient = Task { await run(Operation("a") { _ in try await Task.sleep(for: .seconds(600)) }) }
        obedient.cancel()
        #expect(await obedient.value == .cancelled)
        let stubborn = Task {
            await run(Operation("a") { _ in while !Task.isCancelled { await Task.yield() } })
        }
        stubborn.cancel()
        #expect(await stubborn.value == .succeeded(.null))
    }
}
