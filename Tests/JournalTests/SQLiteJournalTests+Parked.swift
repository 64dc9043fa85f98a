import AgentExecutors
import AgentRuntime
import Dispatch
import Testing

@testable import Journal

/// Attempts that wait in the broker.
extension SQLiteJournalTests {
    @Test(
        "A parked attempt that does not come back is named after a while, with everything that parking it again needs")
    func overdue() async throws {
        let journal = try open()
        let mark = ParkedMark(storeID: "s", cancellationEpoch: 3)
        var parked = task()
        parked.mark = mark
        for name in ["lost", "back"] {
            try await journal.start(key(name), task: task())
            try await journal.finish(
                key(name), task: parked, outcome: .retry(body: Array(name.utf8), delay: .seconds(60)))
            await journal.settle(key(name))
        }
        try await journal.start(key("back", retry: 1), task: task())
        #expect(await journal.overdue().isEmpty)
        clock.advance(by: .seconds(60 + 299))
        #expect(await journal.overdue().isEmpty, "a busy agent is no reason")
        clock.advance(by: .seconds(2))
        let expected = ParkedAttempt(
            body: Array("lost".utf8), replyTo: "replies", correlationID: "c", answersCancellation: true, delay: .zero,
            mark: mark)
        #expect(await journal.overdue() == [OverdueAttempt(key: key("lost"), attempt: expected)])
        #expect(await journal.overdue().isEmpty, "not again at once")
        clock.advance(by: .seconds(301))
        #expect(await journal.overdue().count == 1)
        clock.advance(by: .seconds(301))
        #expect(await journal.overdue().isEmpty, "and with growing pauses")
        #expect(
            try await journal.entry(for: key("back"))
                == .finished(.retry(body: [], delay: .seconds(60)), isSettled: true))
    }

    @Test("Asking for what is overdue waits on no thread but the journal's own")
    func overdueElsewhere() async throws {
        let journal = try open()
        try await journal.start(key("lost"), task: task())
        try await journal.finish(key("lost"), task: task(), outcome: .retry(body: [1], delay: .zero))
        await journal.settle(key("lost"))
        #expect(await journal.probe())
        clock.advance(by: .seconds(301))
        let (isHeld, mayGo) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let holder = ThreadPool(name: "holder", limit: 1)
        let holding = Task(executorPreference: holder) {
            try journal.useWriter { _ in
                isHeld.signal()
                return mayGo.wait(timeout: .now() + 20) == .success
            }
        }
        await Task(executorPreference: ThreadPool(name: "waiter", limit: 1)) { isHeld.wait() }.value
        let runtime = DispatchThread(name: "asker")
        let overdue = Task(executorPreference: runtime) { await journal.overdue() }
        await Task(executorPreference: runtime) {}.value
        mayGo.signal()
        #expect(try await holding.value, "the asking thread was free while the journal was not")
        #expect(await overdue.value.map(\.key) == [key("lost")])
    }

    @Test("An attempt is watched until it is back for good, and not only on its way through the agent")
    func watchedOverHops() async throws {
        let journal = try open()
        try await journal.finish(key("a"), task: task(), outcome: .retry(body: [1], delay: .seconds(90_000)))
        await journal.settle(key("a"))
        var hop = task()
        hop.mark.remaining = .seconds(3_600)
        try await journal.keep(key("a", retry: 1), task: hop)
        await journal.settle(key("a", retry: 1))
        #expect(await journal.probe())
        clock.advance(by: .seconds(90_301))
        #expect(await journal.overdue().map(\.key) == [key("a")], "the broker lost the rest of the delay")
        try await journal.keep(key("a", retry: 1), task: hop)
        try await journal.start(key("a", retry: 1), task: task())
        clock.advance(by: .seconds(90_000))
        #expect(await journal.overdue().isEmpty)
    }
}
