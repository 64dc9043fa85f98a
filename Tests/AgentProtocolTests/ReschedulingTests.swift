import AgentProtocol
import Operative
import Testing

@Suite("Rescheduling a task")
struct ReschedulingTests {
    @Test("changes nothing but the retry number in every captured task")
    func captured() throws {
        for (name, body) in try Golden.tasks() {
            let next = try PropertyValue(
                json: TaskEnvelope(decoding: body.json).rescheduled(
                    retryNumber: 12, resume: body[context: "resume"]?.boolValue ?? false))
            #expect(next[context: "operation"]?["retry_number"] == 12, "\(name)")
            #expect(next.withRetryNumber(0) == body.withRetryNumber(0), "\(name)")
        }
    }

    @Test(
        "replaces in place, or inserts what is missing",
        arguments: [
            (
                #""task_name":"a","operation":{"retry_number":1,"x":2}"#, false,
                #""task_name":"a","operation":{"retry_number":42,"x":2}"#
            ),
            (
                #""operation":{"x":2,"retry_number": 9 },"task_name":"a""#, false,
                #""operation":{"x":2,"retry_number": 42 },"task_name":"a""#
            ),
            (#""operation":{"x":2},"task_name":"a""#, false, #""operation":{"retry_number":42,"x":2},"task_name":"a""#),
            (#""operation":{ },"task_name":"a""#, false, #""operation":{"retry_number":42 },"task_name":"a""#),
            (#""operation":null,"task_name":"a""#, false, #""operation":{"retry_number":42},"task_name":"a""#),
            (
                #""operation":{"retry_number":null},"task_name":"a""#, false,
                #""operation":{"retry_number":42},"task_name":"a""#
            ),
            (#""task_name":"a""#, false, #""operation":{"retry_number":42},"task_name":"a""#),
            (
                #""resume":true,"task_name":"a","operation":{"retry_number":1}"#, false,
                #""resume":false,"task_name":"a","operation":{"retry_number":42}"#
            ),
            (
                #""operation":{"retry_number":1},"task_name":"a","resume":null"#, true,
                #""operation":{"retry_number":42},"task_name":"a","resume":true"#
            ),
            (
                #""task_name":"a","operation":{"retry_number":1}"#, true,
                #""resume":true,"task_name":"a","operation":{"retry_number":42}"#
            ),
        ])
    func splices(context: String, resume: Bool, expected: String) throws {
        func body(_ context: String) -> [UInt8] {
            Array(#"{"id":"t","cloudify_task":{"kwargs":{"retry_number":7,"__cloudify_context":{\#(context)}}}}"#.utf8)
        }
        let next = try TaskEnvelope(decoding: body(context)).rescheduled(retryNumber: 42, resume: resume)
        #expect(String(decoding: next, as: UTF8.self) == String(decoding: body(expected), as: UTF8.self))
    }

    @Test("inserting both the operation and the resume flag gives a valid task")
    func bothInserted() throws {
        let body = Array(#"{"cloudify_task":{"kwargs":{"__cloudify_context":{"task_name":"a"}}}}"#.utf8)
        let next = try TaskEnvelope(decoding: TaskEnvelope(decoding: body).rescheduled(retryNumber: 42, resume: true))
        #expect(next.retryNumber == 42 && next.resume && next.taskName == "a")
    }
}

extension PropertyValue {
    fileprivate func withRetryNumber(_ number: PropertyValue) -> PropertyValue {
        guard let task = self["cloudify_task"], let kwargs = task["kwargs"], let context = kwargs["__cloudify_context"]
        else { return self }
        let operation = (context["operation"] ?? [:]).replacing("retry_number", number)
        return replacing(
            "cloudify_task",
            task.replacing(
                "kwargs",
                kwargs.replacing(
                    "__cloudify_context", context.replacing("operation", operation))))
    }
}
