import AgentRuntime
import ManagerTestServer
import Operative
import Synchronization
import Testing

/// An outcome that is recorded and was not told: what the next start makes of it. A second agent over the same journal stands for
/// that; the copy of the task that the broker hands out again is what it is told with.
@Suite("Unsettled outcomes of managed operations", .timeLimit(.minutes(3)))
struct UnsettledOutcomeTests {
    private final class Runs: Sendable {
        private let number = Mutex(0)
        var count: Int { number.withLock { $0 } }
        func note() { number.withLock { $0 += 1 } }
    }

    private let journal = InMemoryJournal(isFresh: false)
    private let runs = Runs()
    private static let answer: PropertyValue = ["ok": true, "result": "once"]

    /// An agent that runs the task and gives up while its manager says nothing to the last state.
    private func giveUp() async throws {
        let running = Mutex<ManagedAgent?>(nil)
        let operation = Operation("test.run") { [runs] _ -> PropertyValue in
            runs.note()
            running.withLock { $0 }?.server.inject(.silence, method: "PATCH", path: "operations", times: .max)
            return "once"
        }
        try await ManagedAgent.run([operation], journal: journal) {
            $0.drainTimeout = .zero
            $0.cancellationGrace = .zero
        } _: { agent in
            running.withLock { $0 = agent }
            agent.server.know(ManagedTask())
            _ = agent.send(ManagedTask().body)
            await agent.server.received(4)
            #expect(agent.requests.last == "PATCH operations/t1 response-sent")
            agent.runtime.requestStop()
            await agent.untilStopped()
            #expect(agent.answers.isEmpty)
        }
    }

    /// The next agent, with what the manager's record says.
    private func next(state: String?, _ check: (ManagedAgent) -> Void) async throws {
        let again = Operation("test.run") { [runs] _ in runs.note() }
        try await ManagedAgent.run([again], journal: journal) { agent in
            agent.server.know(ManagedTask(), state: state)
            #expect(await agent.send(ManagedTask().body, redelivered: true).settled() == .acknowledged)
            #expect(runs.count == 1)
            check(agent)
        }
    }

    @Test(
        "Given up while the manager was silent: the next start stores the last state, then tells the outcome; a copy is told it without"
    )
    func stored() async throws {
        try await giveUp()
        try await next(state: "started") { agent in
            #expect(agent.requests == ["GET operations/t1", "PATCH operations/t1 response-sent"])
            #expect(agent.answers == [Self.answer])
        }
        try await next(state: "response-sent") { agent in
            #expect(agent.requests.isEmpty)
            #expect(agent.answers == [Self.answer])
        }
    }

    @Test("A state that had been stored is not stored again; without a record there is none to store")
    func alreadyStored() async throws {
        try await giveUp()
        try await next(state: "response-sent") { agent in
            #expect(agent.requests == ["GET operations/t1"])
            #expect(agent.answers == [Self.answer])
        }
    }

    @Test("A token that is refused by then ends it silently")
    func refused() async throws {
        try await giveUp()
        let again = Operation("test.run") { [runs] _ in runs.note() }
        try await ManagedAgent.run([again], journal: journal) { agent in
            agent.server.know(ManagedTask(), state: "started")
            agent.server.change { $0.tokens = [] }
            #expect(await agent.send(ManagedTask().body, redelivered: true).settled() == .acknowledged)
            #expect(runs.count == 1 && agent.answers.isEmpty)
        }
    }
}
