import AgentProtocol
import Operative
import Testing

@testable import PythonPlugins

@Suite("Output of a dispatched process")
struct DispatchOutputTests {
    @Test("A result is the result, null too")
    func results() throws {
        #expect(try DispatchOutput.result(of: Array(#"{"type":"result","payload":{"a":[1]}}"#.utf8)) == ["a": [1]])
        #expect(try DispatchOutput.result(of: Array(#"{"type":"result","payload":null}"#.utf8)) == nil)
    }

    @Test(
        "What is no answer is an error that says so",
        arguments: [
            (#"{"type":"result","payload":{"a":"#, "The operation's output.json cannot be read: "),
            ("", "The operation's output.json cannot be read: "),
            (#"{"type":"maybe"}"#, "Unexpected output type: maybe"),
            (#"{"payload":1}"#, "Unexpected output type: None"),
            (#"{"type":"error"}"#, "The operation's output.json has an error without message or type."),
            (#"{"type":"error","payload":[]}"#, "The operation's output.json has an error without message or type."),
            (
                #"{"type":"error","payload":{"message":"m","known_exception_type":"Odd"}}"#,
                "The operation failed with an exception of the unknown class Odd: m"
            ),
            (
                #"{"type":"error","payload":{"message":"m","known_exception_type":"HttpException"}}"#,
                "The operation failed with an HttpException without address and status: m"
            ),
        ])
    func broken(_ output: String, _ message: String) {
        let error = #expect(throws: NonRecoverableError.self) { try DispatchOutput.result(of: Array(output.utf8)) }
        #expect(error?.message.hasPrefix(message) == true)
    }

    @Test("An exception that is serialised twice has itself as its last cause, and its class is a known one")
    func twice() throws {
        let output = #"""
            {"type":"error","payload":{"exception_type":"ValueError","message":"m","known_exception_type":"RecoverableError",
            "known_exception_type_args":[],"known_exception_type_kwargs":{"causes":[{"message":"c","type":"T","traceback":"tb"}]},
            "append_message":false,"traceback":"here"}}
            """#
        let error = #expect(throws: OperationFailure.self) { try DispatchOutput.result(of: Array(output.utf8)) }
        let payload = ErrorPayload(try #require(error))
        #expect(payload.exceptionType == "RecoverableError" && payload.knownExceptionType == "RecoverableError")
        #expect(payload.arguments == [nil])
        #expect(
            payload.causes == [
                ErrorCause(message: "c", type: "T", traceback: "tb"),
                ErrorCause(message: "m", type: "ValueError", traceback: "here"),
            ])
    }

    @Test("Stopping the agent is a wish of its own")
    func stop() {
        let output = #"{"type":"error","payload":{"message":"","known_exception_type":"StopAgent"}}"#
        #expect(throws: StopAgentRequest.self) { try DispatchOutput.result(of: Array(output.utf8)) }
    }
}
