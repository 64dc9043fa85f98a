import AgentProtocol
import Operative
import Testing

@Suite("Service tasks")
struct ServiceTests {
    @Test("every captured service task is decoded")
    func captured() throws {
        let names = try Golden.names("service")
        #expect(names.count > 5)
        for name in names {
            let body = try #require(try Golden.read(name).value(at: "request.body"))
            let task = try ServiceTaskEnvelope(decoding: body.json)
            #expect(task.taskName == body.value(at: "service_task.task_name")?.stringValue)
            #expect(task.kwargs == body.value(at: "service_task.kwargs")?.objectValue ?? [:])
        }
    }

    @Test(
        "replies are the captured ones",
        arguments: [
            ("service/ping", ServiceReply.pong(time: 1795219510.547058)), ("service/cancel_operation_idle", .null),
            ("service/unknown_task", .unknownTask("no-such-task")),
        ])
    func replies(name: String, reply: ServiceReply) throws {
        #expect(try PropertyValue(json: reply.json) == Golden.reply(name))
    }

    @Test("an unknown task is answered with the exact text")
    func unknown() {
        #expect(
            String(decoding: ServiceReply.unknownTask("no-such-task").json, as: UTF8.self)
                == #"{"ok":false,"error":"KeyError('no-such-task')"}"#)
        #expect(ServiceReply.unknownTask(#"it's"#) == .failure(#"KeyError("it's")"#))
        #expect(ServiceReply.unknownTask("a\\b\n'\"") == .failure(#"KeyError('a\\b\n\'"')"#))
    }

    @Test(
        "what is wrong is named with its path",
        arguments: [
            ("{", EnvelopeError.Code.notJSON, ""), ("[]", .notAnObject, ""), ("{}", .missingField, "service_task"),
            (#"{"service_task":1}"#, .wrongType, "service_task"),
            (#"{"service_task":{}}"#, .missingField, "service_task.task_name"),
            (#"{"service_task":{"task_name":1}}"#, .wrongType, "service_task.task_name"),
            (#"{"service_task":{"task_name":"a","kwargs":[]}}"#, .wrongType, "service_task.kwargs"),
        ])
    func errors(text: String, code: EnvelopeError.Code, field: String) {
        let error = #expect(throws: EnvelopeError.self) { try ServiceTaskEnvelope(decoding: Array(text.utf8)) }
        #expect(error?.code == code && error?.field == field)
    }
}
