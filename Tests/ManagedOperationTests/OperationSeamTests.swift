import ManagerTestServer
import Operative
import Synchronization
import Testing

/// What operations can say of themselves that run in another language.
@Suite("Operations that do things themselves", .timeLimit(.minutes(2)))
struct OperationSeamTests {
    private static func operation(
        _ run: @escaping @Sendable (OperationContext, OperationInputs) async throws -> PropertyValue
    ) -> Operation {
        Operation(name: "test.run", resumable: true, run: run)
    }

    @Test("Inputs are left as they are for an operation that evaluates them itself")
    func inputs() async throws {
        var operation = Self.operation { _, inputs in .object(try inputs.load()) }
        operation.evaluatesInputsItself = true
        try await ManagedAgent.run([operation]) { agent in
            var task = ManagedTask(inputs: ["a": ["get_secret": "k"]])
            task.hasFunctions = true
            agent.server.know(task)
            _ = await agent.send(task.body).settled()
            #expect(agent.answers == [["ok": true, "result": ["a": ["get_secret": "k"]]]])
            #expect(!agent.requests.contains("POST evaluate/functions"))
        }
    }

    @Test("An operation that keeps the record itself is told of as started, and nothing else is asked or told")
    func record() async throws {
        var operation = Self.operation { context, _ in
            .bool(try context.task.preparation?.value as? String == "prepared")
        }
        operation.prepare = { _ in OperationPreparation(keepsRecord: true, value: "prepared") }
        try await ManagedAgent.run([operation], synchronizes: true) { agent in
            agent.server.know(ManagedTask())
            _ = await agent.send(ManagedTask().body).settled()
            #expect(agent.answers == [["ok": true, "result": true]])
            #expect(agent.requests == ["GET executions/e1", "PATCH operations/t1 started"])
        }
    }

    @Test("An operation that cannot be made ready fails before the manager is told that it started")
    func unprepared() async throws {
        var operation = Self.operation { _, _ in nil }
        operation.prepare = { _ in throw NonRecoverableError("no such plugin") }
        try await ManagedAgent.run([operation]) { agent in
            agent.server.know(ManagedTask())
            _ = await agent.send(ManagedTask().body).settled()
            let error = agent.answers.first?["error"]
            #expect(error?["message"] == "no such plugin")
            #expect(error?.value(at: "known_exception_type_kwargs.causes") == [])
            #expect(agent.requests == ["GET executions/e1"])
        }
    }

    @Test("The task has its context with the resume flag as the agent decided it, and its input byte for byte")
    func task() async throws {
        let operation = Self.operation { context, _ in
            let task = try context.task
            return [
                "key": .string(task.key), "resume": task.context["resume"] ?? nil,
                "input": .string(String(decoding: task.input, as: UTF8.self)),
            ]
        }
        try await ManagedAgent.run([operation]) { agent in
            agent.server.know(ManagedTask(), state: "started")
            let body = String(decoding: ManagedTask().body, as: UTF8.self)
                .replacing("\"kwargs\":{", with: #""args":[1.0],"kwargs":{"z":1e400,"a":"\u00e9","#)
            _ = await agent.send(Array(body.utf8)).settled()
            let result = agent.answers.first?["result"]
            #expect(result?["key"]?.stringValue?.hasPrefix("t1#0#") == true)
            #expect(result?["resume"] == true)
            let input = result?["input"]?.stringValue ?? ""
            #expect(input.hasSuffix(#","args":[1.0],"kwargs":{"z":1e400,"a":"\u00e9"}}"#))
            #expect(input.hasPrefix(#"{"cloudify_context":{"resume":true,"#))
        }
    }

    @Test("After a cancellation only an operation that wants it is answered")
    func cancelled() async throws {
        for answers in [true, false] {
            let (started, start) = AsyncStream.makeStream(of: Void.self)
            var operation = Self.operation { _, _ in
                start.finish()
                try? await Task.sleep(for: .seconds(3_600))
                return "tidied up"
            }
            operation.answersAfterCancellation = answers
            try await ManagedAgent.run([operation]) { agent in
                agent.server.know(ManagedTask())
                let delivery = agent.send(ManagedTask().body)
                for await _ in started {}
                await agent.cancel("e1")
                #expect(await delivery.settled() == .acknowledged)
                #expect(agent.answers == (answers ? [["ok": true, "result": "tidied up"]] : []))
            }
        }
    }
}
