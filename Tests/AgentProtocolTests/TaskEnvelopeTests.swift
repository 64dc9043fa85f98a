import AgentProtocol
import Operative
import TestRandomness
import Testing

@Suite("Task envelope")
struct TaskEnvelopeTests {
    @Test("every captured task is decoded to the values of its JSON tree")
    func captured() throws {
        let tasks = try Golden.tasks()
        #expect(tasks.count > 30)
        for (name, body) in tasks {
            let envelope = try TaskEnvelope(decoding: body.json)
            #expect(envelope.id == body["id"]?.stringValue, "\(name)")
            #expect(envelope.taskName == body[context: "task_name"]?.stringValue, "\(name)")
            #expect(envelope.type == body[context: "type"]?.stringValue, "\(name)")
            #expect(envelope.executionID == body[context: "execution_id"]?.stringValue, "\(name)")
            #expect(envelope.executionToken == body[context: "execution_token"]?.stringValue, "\(name)")
            #expect(envelope.operationName == body[context: "operation"]?["name"]?.stringValue, "\(name)")
            #expect(envelope.retryNumber == body[context: "operation"]?["retry_number"]?.intValue ?? 0, "\(name)")
            #expect(envelope.maxRetries == body[context: "operation"]?["max_retries"]?.intValue ?? -1, "\(name)")
            #expect(envelope.timeout == body[context: "timeout"]?.doubleValue.map { .seconds($0) }, "\(name)")
            #expect(envelope.timeoutRecoverable == body[context: "timeout_recoverable"]?.boolValue ?? false, "\(name)")
            #expect(envelope.resume == body[context: "resume"]?.boolValue ?? false, "\(name)")
            var inputs = try #require(body.value(at: "cloudify_task.kwargs")?.objectValue)
            inputs["__cloudify_context"] = nil
            #expect(try envelope.inputs() == inputs, "\(name)")
        }
    }

    @Test("the smallest task: nothing but a task name")
    func smallest() throws {
        let envelope = try decode(#"{"cloudify_task":{"kwargs":{"__cloudify_context":{"task_name":"a"}}}}"#)
        #expect(
            envelope.id == nil && envelope.taskName == "a" && envelope.retryNumber == 0 && envelope.maxRetries == -1)
        #expect(envelope.timeout == nil && !envelope.resume && envelope.operationName == nil)
        #expect(try envelope.inputs() == [:])
    }

    @Test(
        "keys and values with escapes, any order, whitespace and unknown fields are understood; of equal keys the last wins"
    )
    func unusual() throws {
        let envelope = try decode(
            #"""
            { "x":[{"id":"no"}], "cloudify_task" : {"kwargs":{"__cloudify_context":{"task_name":"first"}}},
              "cloud\u0069fy_task" : { "args":[], "kwargs" : { "a" : 1, "\u005f_cloudify_context" : { "operation":{"retry_number":3},
              "task_n\u0061me":"w\u00e9b", "resume":true, "operation":{"max_retries":5} }, "a" : 2 } } , "id" : "t1" }
            """#)
        #expect(envelope.id == "t1" && envelope.taskName == "wéb" && envelope.resume)
        #expect(envelope.retryNumber == 0 && envelope.maxRetries == 5)
        #expect(try envelope.inputs() == ["a": 2])
        #expect(envelope.context().taskName == "wéb")
    }

    @Test(
        "a timeout of zero, below, not a number or of a thousand years is none",
        arguments: [
            "0", "null", "-1", "NaN", "Infinity", "1e300", "3e10",
        ])
    func noTimeout(text: String) throws {
        let envelope = try decode(
            #"{"cloudify_task":{"kwargs":{"__cloudify_context":{"task_name":"a","timeout":\#(text)}}}}"#)
        #expect(envelope.timeout == nil)
        #expect(envelope.context().timeout == nil)
    }

    @Test(
        "what is wrong is named with its path, and the id is told when it can be read",
        arguments: [
            (#"{"id":"t1","cloudify_task":"#, EnvelopeError.Code.notJSON, "", "t1"),
            (#"{not json"#, .notJSON, "", nil),
            (#""#, .notJSON, "", nil),
            (#"[1]"#, .notAnObject, "", nil),
            (#"[1"#, .notJSON, "", nil),
            (#"{"id":"t1"}"#, .missingField, "cloudify_task", "t1"),
            (#"{"id":5}"#, .wrongType, "id", nil),
            (#"{"cloudify_task":[],"id":"t1"}"#, .wrongType, "cloudify_task", "t1"),
            (#"{"cloudify_task":null,"id":"t1"}"#, .missingField, "cloudify_task", "t1"),
            (#"{"cloudify_task":{}}"#, .missingField, "cloudify_task.kwargs", nil),
            (#"{"cloudify_task":{"kwargs":{}}}"#, .missingField, "cloudify_task.kwargs.__cloudify_context", nil),
            (
                #"{"cloudify_task":{"kwargs":{"__cloudify_context":{"type":"operation"}}},"id":"t1"}"#, .missingField,
                "cloudify_task.kwargs.__cloudify_context.task_name", "t1"
            ),
            (
                #"{"cloudify_task":{"kwargs":{"__cloudify_context":{"task_name":""}}}}"#, .missingField,
                "cloudify_task.kwargs.__cloudify_context.task_name", nil
            ),
            (
                #"{"cloudify_task":{"kwargs":{"__cloudify_context":{"task_name":7}}},"id":"t1"}"#, .wrongType,
                "cloudify_task.kwargs.__cloudify_context.task_name", "t1"
            ),
            (
                #"{"cloudify_task":{"kwargs":{"__cloudify_context":{"task_name":"a","operation":{"retry_number":"1"}}}}}"#,
                .wrongType,
                "cloudify_task.kwargs.__cloudify_context.operation.retry_number", nil
            ),
            (
                #"{"cloudify_task":{"kwargs":{"__cloudify_context":{"task_name":"a","operation":{"retry_number":-1}}}}}"#,
                .wrongType,
                "cloudify_task.kwargs.__cloudify_context.operation.retry_number", nil
            ),
            (
                #"{"cloudify_task":{"kwargs":{"__cloudify_context":{"task_name":"a","operation":{"retry_number":9223372036854775807}}}}}"#,
                .wrongType, "cloudify_task.kwargs.__cloudify_context.operation.retry_number", nil
            ),
            (
                #"{"cloudify_task":{"kwargs":{"__cloudify_context":{"task_name":"a","resume":"yes"}}}}"#, .wrongType,
                "cloudify_task.kwargs.__cloudify_context.resume", nil
            ),
            (
                #"{"cloudify_task":{"kwargs":{"__cloudify_context":{"task_name":"a","timeout":"1"}}}}"#, .wrongType,
                "cloudify_task.kwargs.__cloudify_context.timeout", nil
            ),
        ] as [(String, EnvelopeError.Code, String, String?)])
    func errors(text: String, code: EnvelopeError.Code, field: String, id: String?) {
        let error = #expect(throws: EnvelopeError.self) { try decode(text) }
        #expect(error?.code == code)
        #expect(error?.field == field)
        #expect(error?.id == id)
        #expect(error?.description.contains("\n") == false)
    }

    @Test("bytes that are not UTF-8 and nesting without end are refused wherever they are")
    func hostile() {
        let prefix = Array(#"{"id":"t1","x":"#.utf8)
        let badText = #expect(throws: EnvelopeError.self) {
            try TaskEnvelope(decoding: prefix + [0x22, 0xFF, 0x22, 0x7D])
        }
        #expect(badText?.code == .notJSON && badText?.offset == 16 && badText?.id == "t1")
        #expect(throws: EnvelopeError.self) {
            try TaskEnvelope(decoding: prefix + Array(repeating: 0x5B, count: 1_000_000))
        }
    }

    @Test("the description shows no secrets")
    func description() throws {
        let envelope = try decode(
            #"""
            {"id":"t1","cloudify_task":{"kwargs":{"password":"secret","__cloudify_context":{"task_name":"a","execution_token":"secret"}}}}
            """#)
        #expect(!"\(envelope)".contains("secret") && !"\(envelope.context())".contains("secret"))
    }

    @Test("no mutation of a real task traps; what decodes is well-formed and can be rescheduled", arguments: 0..<30)
    func mutations(seed: UInt64) throws {
        let golden = try Golden.read("operation_messages/relationship_source_establish")
        let original = try #require(golden["body"]).json
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            var body = original
            body.mutate(using: &generator)
            guard let envelope = try? TaskEnvelope(decoding: body) else { continue }
            _ = try PropertyValue(json: body)
            _ = try envelope.inputs()
            _ = envelope.context().facts()
            let next = try TaskEnvelope(decoding: envelope.rescheduled(retryNumber: 7, resume: true))
            #expect(next.retryNumber == 7 && next.resume && next.taskName == envelope.taskName)
        }
    }

    private func decode(_ text: String) throws -> TaskEnvelope { try TaskEnvelope(decoding: Array(text.utf8)) }
}
