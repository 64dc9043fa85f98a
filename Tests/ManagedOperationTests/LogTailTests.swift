import AgentRuntime
import ManagerTestServer
import Operative
import Synchronization
import Testing

/// What becomes of an operation's last log records while its manager is away.
@Suite("Log tail of a managed operation", .timeLimit(.minutes(3)))
struct LogTailTests {
    private static let late =
        "The outcome of this operation was sent before its last records had arrived: they follow it"
    private let writing = Operation("test.run") { ctx in ctx.logger.info("x") }

    private func run(
        _ sink: StoringSink, state: String? = "sent", _ body: (ManagedAgent) async throws -> Void
    ) async throws {
        try await ManagedAgent.run([writing], telemetry: sink) {
            $0.flushTimeout = .milliseconds(50)
        } _: { agent in
            agent.server.know(ManagedTask(), state: state)
            try await body(agent)
        }
    }

    @Test("A reply that waited for the manager waits once more for the records that waited for it, too")
    func outBeforeReply() async throws {
        let running = Mutex<ManagedAgent?>(nil)
        let requests = Mutex<[String]>([])
        let sink = StoringSink { question in
            requests.withLock { $0 = running.withLock { $0?.requests ?? [] } }
            return question == 2
        }
        try await run(sink) { agent in
            running.withLock { $0 = agent }
            #expect(await agent.send(ManagedTask().body).settled() == .acknowledged)
            #expect(agent.ports.replies.map(\.hasLateRecords) == [false])
            #expect(requests.withLock { $0 }.last == "PATCH operations/t1 response-sent")
            #expect(sink.questions == 2 && sink.hurries == 1 && sink.texts == ["x"])
        }
    }

    @Test("Records that are not out then either follow the reply, and it is said once")
    func late() async throws {
        let sink = StoringSink { _ in false }
        try await run(sink) { agent in
            #expect(await agent.send(ManagedTask().body).settled() == .acknowledged)
            #expect(agent.ports.replies.map(\.hasLateRecords) == [true])
            #expect(sink.questions == 2 && sink.texts == ["x", Self.late])
        }
    }

    @Test("Without a state to store there is nothing that could have waited, and the records are waited for once")
    func withoutState() async throws {
        let sink = StoringSink { _ in false }
        try await run(sink, state: nil) { agent in
            #expect(await agent.send(ManagedTask().body).settled() == .acknowledged)
            #expect(agent.ports.replies.map(\.hasLateRecords) == [true])
            #expect(sink.questions == 1 && sink.hurries == 0 && sink.texts == ["x", Self.late])
        }
    }

    @Test("For a reply that nobody waits for any more no record is waited for again, and nothing is said of them")
    func silent() async throws {
        let running = Mutex<ManagedAgent?>(nil)
        let sink = StoringSink { _ in
            running.withLock { $0 }?.server.change { $0.tokens = [] }
            return false
        }
        try await run(sink) { agent in
            running.withLock { $0 = agent }
            #expect(await agent.send(ManagedTask().body).settled() == .acknowledged)
            #expect(agent.requests.last == "PATCH operations/t1 response-sent")
            #expect(agent.ports.replies.isEmpty && sink.questions == 1 && sink.texts == ["x"])
        }
    }
}
