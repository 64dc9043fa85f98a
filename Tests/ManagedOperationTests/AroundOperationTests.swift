import AgentRuntime
import ManagerTestServer
import Operative
import Synchronization
import Testing

@Suite("Around an operation", .timeLimit(.minutes(3)))
struct AroundOperationTests {
    /// Counts runs.
    private final class Runs: Sendable {
        private let number = Mutex(0)
        var count: Int { number.withLock { $0 } }
        func note() { number.withLock { $0 += 1 } }
    }

    private let runs = Runs()

    private var counting: Operation {
        Operation("test.run") { [runs] _ in runs.note() }
    }

    private static let wholeWay = [
        "GET executions/e1", "GET operations/t1", "PATCH operations/t1 started", "PATCH operations/t1 response-sent",
    ]

    @Test("The manager is asked, told of the start, and told of the end before the reply")
    func wholeWay() async throws {
        try await ManagedAgent.run([counting]) { agent in
            agent.server.know(ManagedTask())
            _ = await agent.send(ManagedTask().body).settled()
            #expect(agent.requests == Self.wholeWay)
            #expect(agent.answers.map(\.jsonString) == [#"{"ok":true,"result":null}"#])
            #expect(runs.count == 1)
        }
    }

    @Test("Without a record no state is stored")
    func noRecord() async throws {
        try await ManagedAgent.run([counting]) { agent in
            agent.server.know(ManagedTask(), state: nil)
            _ = await agent.send(ManagedTask().body).settled()
            #expect(agent.requests == ["GET executions/e1", "GET operations/t1"])
            #expect(runs.count == 1 && agent.answers.count == 1)
        }
    }

    @Test("A cancelled execution's operation ends silently, one that is being cancelled runs")
    func cancelledBefore() async throws {
        try await ManagedAgent.run([counting]) { agent in
            agent.server.know(ManagedTask(), status: "cancelled")
            #expect(await agent.send(ManagedTask().body).settled() == .acknowledged)
            #expect(agent.requests == ["GET executions/e1"])
            #expect(runs.count == 0 && agent.answers.isEmpty)
            let other = ManagedTask(id: "t2", execution: "e2")
            agent.server.know(other, status: "kill_cancelling")
            _ = await agent.send(other.body).settled()
            #expect(runs.count == 1 && agent.answers.count == 1)
        }
    }

    @Test("A token that is refused before the start ends the operation silently")
    func refusedBefore() async throws {
        try await ManagedAgent.run([counting]) { agent in
            agent.server.know(ManagedTask())
            agent.server.change { $0.tokens = ["another"] }
            #expect(await agent.send(ManagedTask().body).settled() == .acknowledged)
            #expect(runs.count == 0 && agent.answers.isEmpty)
        }
    }

    @Test("A token that is refused at the end, as after a kill-cancel, ends the operation silently")
    func refusedAfter() async throws {
        let server = Mutex<TestManager?>(nil)
        let operation = Operation("test.run") { [runs] _ in
            runs.note()
            server.withLock { $0 }?.change { $0.tokens = [] }
        }
        try await ManagedAgent.run([operation]) { agent in
            server.withLock { $0 = agent.server }
            agent.server.know(ManagedTask())
            #expect(await agent.send(ManagedTask().body).settled() == .acknowledged)
            #expect(runs.count == 1 && agent.answers.isEmpty)
            // A copy finds the silence in the journal.
            agent.server.change { $0.tokens = nil }
            #expect(await agent.send(ManagedTask().body, redelivered: true).settled() == .acknowledged)
            #expect(runs.count == 1 && agent.answers.isEmpty)
        }
    }

    @Test("A record that says started resumes the operation, or fails it when it cannot be resumed")
    func resumed() async throws {
        let resumable = Operation("test.run", resumable: true) { ctx in ["resume": ctx.resume] }
        try await ManagedAgent.run([resumable, Operation("test.fragile") { [runs] _ in runs.note() }]) { agent in
            agent.server.know(ManagedTask(), state: "started")
            _ = await agent.send(ManagedTask().body).settled()
            #expect(agent.answers == [["ok": true, "result": ["resume": true]]])
            let fragile = ManagedTask(id: "t2", name: "test.fragile")
            agent.server.know(fragile, state: "started")
            _ = await agent.send(fragile.body).settled()
            let message = agent.answers.last?.value(at: "error.message")?.stringValue
            #expect(message == "Cannot resume - operation not resumable: test.fragile")
            #expect(runs.count == 0)
            #expect(agent.server.store.operations["t2"]?["state"] == "response-sent")
        }
    }

    @Test("With a new state directory the manager's record says whether a redelivered task was begun")
    func lostJournal() async throws {
        try await ManagedAgent.run([counting], journal: InMemoryJournal(isFresh: true)) { agent in
            agent.server.know(ManagedTask(), state: "sent")
            _ = await agent.send(ManagedTask().body, redelivered: true).settled()
            #expect(runs.count == 1 && agent.answers.last?["ok"] == true)
            let unknown = ManagedTask(id: "t2")
            agent.server.know(unknown, state: nil)
            _ = await agent.send(unknown.body, redelivered: true).settled()
            let answered = ManagedTask(id: "t3")
            agent.server.know(answered, state: "response-sent")
            _ = await agent.send(answered.body, redelivered: true).settled()
            #expect(runs.count == 1)
            #expect(agent.answers.count { $0["ok"] == false } == 2)
        }
    }

    @Test("Functions in inputs are evaluated before the operation sees them")
    func functions() async throws {
        let operation = Operation("test.run", inputs: [String: PropertyValue].self) { _, inputs in inputs }
        try await ManagedAgent.run([operation]) { agent in
            var task = ManagedTask(inputs: ["a": ["get_secret": "k"]])
            task.hasFunctions = true
            agent.server.know(task)
            agent.server.change { store in
                store.evaluate = { context, _ in ["a": context["self"] ?? nil] }
            }
            _ = await agent.send(task.body).settled()
            #expect(agent.answers == [["ok": true, "result": ["a": "app_1"]]])
            #expect(agent.requests[3] == "POST evaluate/functions")
        }
    }

    @Test("Functions that cannot be evaluated are answered as the original does, with the state stored")
    func brokenFunctions() async throws {
        try await ManagedAgent.run([counting]) { agent in
            var task = ManagedTask()
            task.hasFunctions = true
            agent.server.know(task)
            agent.server.inject(.status(400, code: "functions_evaluation_error"), path: "evaluate")
            _ = await agent.send(task.body).settled()
            let error = agent.answers.last?["error"]
            #expect(error?["known_exception_type"] == "RecoverableError")
            #expect(error?["known_exception_type_args"] == [nil])
            #expect(error?["message"] == "400: injected")
            let causes = error?.value(at: "known_exception_type_kwargs.causes")?.arrayValue
            #expect(causes?.last?["type"] == "FunctionsEvaluationError")
            #expect(agent.requests.last == "PATCH operations/t1 response-sent" && runs.count == 0)
        }
    }

    @Test("The time of an attempt does not begin before the operation does")
    func timeout() async throws {
        let operation = Operation("test.run") { _ in }
        try await ManagedAgent.run([operation]) { agent in
            var task = ManagedTask()
            task.timeout = 0.3
            agent.server.know(task)
            agent.server.inject(.delay(.seconds(1)), method: "PATCH", path: "operations")
            _ = await agent.send(task.body).settled()
            #expect(agent.answers.last?["ok"] == true)
        }
    }

    @Test("A task that waits for its manager is cancelled at once, without an answer")
    func cancelledWhileWaiting() async throws {
        try await ManagedAgent.run([counting]) { agent in
            agent.server.know(ManagedTask())
            agent.server.inject(.silence, path: "executions")
            let delivery = agent.send(ManagedTask().body)
            await agent.server.received(1)
            await agent.cancel("e1")
            #expect(await delivery.settled() == .acknowledged)
            #expect(runs.count == 0 && agent.answers.isEmpty)
        }
    }

    @Test("A task that waits for its manager goes back to the broker when the agent stops")
    func stoppedWhileWaiting() async throws {
        try await ManagedAgent.run([counting]) { agent in
            agent.server.know(ManagedTask())
            agent.server.inject(.silence, path: "executions")
            let delivery = agent.send(ManagedTask().body)
            await agent.server.received(1)
            agent.runtime.requestStop()
            #expect(await delivery.settled() == .released)
            #expect(runs.count == 0 && agent.answers.isEmpty)
        }
    }
}
