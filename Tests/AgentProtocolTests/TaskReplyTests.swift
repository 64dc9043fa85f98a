import AgentProtocol
import Operative
import Testing

@Suite("Replies to operation tasks")
struct TaskReplyTests {
    struct ValueError: Error, CustomStringConvertible { var description = "inner" }
    struct MyError: NonRecoverable, CustomStringConvertible { var description: String { "subclass of a known class" } }
    struct SystemExit: Error, CustomStringConvertible { var description: String { "4" } }
    struct ProcessKillCancelled: NonRecoverable, CustomStringConvertible { var description: String { "" } }

    /// The exception from equality is the text of tracebacks.
    @Test(
        "the same outcome gives the captured reply",
        arguments: [
            ("operations/none", .succeeded(.null)),
            ("operations/inputs", .succeeded(["text": "hello", "evaluated": "cloudify.interfaces.lifecycle.create"])),
            ("operations/retry", .retry(after: .seconds(1), message: "not ready yet")),
            ("operations/retry_plain", .retry(after: nil, message: "again")),
            ("operations/recoverable", .failed(OperationFailure(RecoverableError("try again later")))),
            (
                "operations/recoverable_after",
                .failed(OperationFailure(RecoverableError("try again later", retryAfter: .seconds(7))))
            ),
            ("operations/nonrecoverable", .failed(OperationFailure(NonRecoverableError("give up")))),
            ("operations/plain", .failed(OperationFailure(ValueError(description: "plain user error é")))),
            (
                "operations/recoverable_causes",
                .failed(OperationFailure(RecoverableError("outer", cause: ValueError())))
            ),
            ("operations/custom", .failed(OperationFailure(MyError()))),
            ("operations/sys_exit", .failed(OperationFailure(SystemExit()))),
            (
                "operations/slow",
                .failed(
                    OperationFailure(
                        kind: .nonRecoverable, typeName: "NonRecoverableError",
                        message: "Process killed due to timeout of 1 seconds"))
            ),
            (
                "operations/slow_recoverable",
                .failed(
                    OperationFailure(
                        kind: .recoverable(retryAfter: nil), typeName: "RecoverableError",
                        message: "Process killed due to timeout of 1 seconds"))
            ),
            ("operations_edge/kill_cancelled_raised_in_plugin", .failed(OperationFailure(ProcessKillCancelled()))),
            ("operations_edge/stop_agent", .stopAgent),
        ] as [(String, OperationOutcome)])
    func captured(name: String, outcome: OperationOutcome) throws {
        let ours = try PropertyValue(json: try #require(TaskReply(outcome)).json)
        #expect(ours.withoutTracebacks == (try Golden.reply(name)).withoutTracebacks)
    }

    @Test(
        "the same errors give the captured serialisation",
        arguments: [
            ("errors/NonRecoverableError", ErrorPayload.nonRecoverable("m")),
            (
                "errors/NonRecoverableError_causes",
                .nonRecoverable("m", causes: [ErrorCause(message: "c", type: "T", traceback: "tb")])
            ),
            ("errors/RecoverableError", .recoverable("m")),
            ("errors/RecoverableError_retry_after", .recoverable("m", retryAfter: .seconds(3))),
        ])
    func errors(name: String, payload: ErrorPayload) throws {
        let ours = try PropertyValue(json: TaskReply.failure(payload).json)["error"]
        #expect(ours?.withoutTracebacks == (try Golden.read(name))["payload"]?.withoutTracebacks)
    }

    @Test("a failure's causes always have a traceback text, a retry's has none")
    func tracebacks() throws {
        let failure = try #require(TaskReply(.failed(OperationFailure(RecoverableError("outer", cause: ValueError())))))
        let tree = try PropertyValue(json: failure.json)
        #expect(tree.value(at: "error.known_exception_type_kwargs.causes[0].traceback") == "ValueError: inner\n")
        #expect(tree["error"]?["traceback"] == nil)
        let retry = try PropertyValue(json: try #require(TaskReply(.retry(after: nil, message: "m"))).json)
        #expect(retry.value(at: "error.known_exception_type_kwargs.causes[0].traceback") == .null)
    }

    @Test(
        "the suffix for a wait is written once, whole seconds as an integer, others as a fraction",
        arguments: [
            ("m", Duration.seconds(7), "m [retry_after=7]", PropertyValue.integer(7)),
            ("m [retry_after=7]", .seconds(7), "m [retry_after=7]", 7),
            ("m", .milliseconds(1500), "m [retry_after=1.5]", 1.5),
            ("m", .zero, "m [retry_after=0]", 0),
        ])
    func suffix(message: String, after: Duration, text: String, argument: PropertyValue) {
        for payload in [
            ErrorPayload.recoverable(message, retryAfter: after), .operationRetry(message, retryAfter: after),
        ] {
            #expect(payload.message == text)
            #expect(payload.arguments == [argument])
        }
    }

    @Test("a cancelled operation is not answered")
    func cancelled() {
        #expect(TaskReply(OperationOutcome.cancelled) == nil)
    }

    @Test(
        "any result survives the way to the other side",
        arguments: ["é\"\n\u{0}😀", ["a": [1.5, nil, true]], .double(.infinity)] as [PropertyValue])
    func results(value: PropertyValue) throws {
        #expect(try PropertyValue(json: TaskReply.success(value).json) == ["ok": true, "result": value])
    }
}
