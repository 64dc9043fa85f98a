import AgentRuntime
import Foundation
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

    private var counting: Operative.Operation {
        Operative.Operation("test.run") { [runs] _ in runs.note() }
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
        let operation = Operative.Operation("test.run") { [runs] _ in
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
        let resumable = Operative.Operation("test.run", resumable: true) { ctx in ["resume": ctx.resume] }
        try await ManagedAgent.run([resumable, Operative.Operation("test.fragile") { [runs] _ in runs.note() }]) {
            agent in
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
        let operation = Operative.Operation("test.run", inputs: [String: PropertyValue].self) { _, inputs in inputs }
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
        let operation = Operative.Operation("test.run") { _ in }
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

    @Test("A cancelled operation's files reach the manager all the same")
    func filesOfCancelled() async throws {
        let started = AsyncStream.makeStream(of: Void.self)
        let operation = Operative.Operation("test.run") { ctx in
            let directory = try await ctx.localDeploymentWorkdir ?? ""
            try "half".write(toFile: directory + "/a.txt", atomically: false, encoding: .utf8)
            started.continuation.yield()
            while !Task.isCancelled { try? await Task.sleep(for: .seconds(60)) }
        }
        let patient: (inout RuntimeConfiguration) -> Void = { $0.managerPatience = .seconds(60) }
        try await ManagedAgent.run([operation], synchronizes: true, configure: patient) { agent in
            agent.server.know(ManagedTask())
            agent.server.change { $0.files["deployments/default_tenant/dep1/shared.txt"] = StoredFile("shared") }
            let delivery = agent.send(ManagedTask().body)
            for await _ in started.stream { break }
            await agent.cancel("e1")
            #expect(await delivery.settled() == .acknowledged)
            #expect(agent.server.store.files["deployments/default_tenant/dep1/a.txt"] != nil)
            #expect(agent.answers.isEmpty)
        }
    }

    @Test("A cancelled operation is done with although its manager does not take its state")
    func silentManagerAfterCancellation() async throws {
        let started = AsyncStream.makeStream(of: Void.self)
        let operation = Operative.Operation("test.run") { _ in
            started.continuation.yield()
            while !Task.isCancelled { try? await Task.sleep(for: .seconds(60)) }
        }
        let impatient: (inout RuntimeConfiguration) -> Void = { $0.managerPatience = .milliseconds(200) }
        try await ManagedAgent.run([operation], configure: impatient) { agent in
            agent.server.know(ManagedTask())
            let delivery = agent.send(ManagedTask().body)
            for await _ in started.stream { break }
            agent.server.inject(.silence, method: "PATCH", path: "operations")
            await agent.cancel("e1")
            #expect(await delivery.settled() == .acknowledged)
        }
    }

    @Test("A file that another operation removes while files are handed over is left to that one")
    func vanishingFile() async throws {
        let operation = Operative.Operation("test.run") { ctx in
            let directory = try await ctx.localDeploymentWorkdir ?? ""
            for name in ["a", "b"] {
                try name.write(toFile: "\(directory)/\(name).txt", atomically: false, encoding: .utf8)
            }
        }
        try await ManagedAgent.run([operation], synchronizes: true) { agent in
            agent.server.know(ManagedTask())
            agent.server.change { $0.files["deployments/default_tenant/dep1/shared.txt"] = StoredFile("shared") }
            agent.server.inject(.delay(.seconds(1)), method: "PUT", path: "a.txt")
            let delivery = agent.send(ManagedTask().body)
            var number = 0
            repeat {
                number += 1
                await agent.server.received(number)
            } while !agent.requests.contains { $0.hasPrefix("PUT") }
            try FileManager.default.removeItem(atPath: agent.workdir + "/b.txt")
            #expect(await delivery.settled() == .acknowledged)
            #expect(agent.answers.map(\.jsonString) == [#"{"ok":true,"result":null}"#])
            #expect(agent.server.store.files["deployments/default_tenant/dep1/a.txt"] != nil)
        }
    }

    @Test("A download that fails leaves nothing behind")
    func failedDownload() async throws {
        let operation = Operative.Operation("test.run") { ctx in
            for _ in 0..<2 { _ = try? await ctx.downloadResource("missing.txt") }
            _ = try? await ctx.downloadDirectory("dir")
        }
        try await ManagedAgent.run([operation]) { agent in
            agent.server.know(ManagedTask())
            agent.server.change { store in
                store.blueprints["bp1"] = ["id": "bp1", "visibility": "tenant"]
                store.files["deployments/default_tenant/dep1/dir/a.txt"] = StoredFile("a")
                store.files["deployments/default_tenant/dep1/dir/b.txt"] = StoredFile("b")
            }
            agent.server.inject(.status(400), path: "dir/b.txt", times: 100)
            #expect(await agent.send(ManagedTask().body).settled() == .acknowledged)
            #expect(agent.requests.contains { $0.hasSuffix("dir/a.txt") })
            let left = try FileManager.default.contentsOfDirectory(atPath: agent.temporary)
            #expect(left.isEmpty, "\(left)")
        }
    }
}
