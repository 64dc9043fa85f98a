import AgentRuntime
import Foundation
import Synchronization
import Testing

@testable import Journal

@Suite("The clock on the wall jumps")
struct TimelineTests {
    /// A machine whose clock on the wall can be set, and which can be started again.
    private final class Machine: Sendable {
        private struct State {
            var boots = 1
            var sinceBoot: Int64 = 50_000
            var wall: Int64 = 1_700_000_000_000
        }

        private let state = Mutex(State())

        var clock: MachineClock {
            MachineClock(
                boot: state.withLock { "boot-\($0.boots)" }, sinceBoot: { self.state.withLock { $0.sinceBoot } },
                wall: { self.wall })
        }

        var wall: Int64 { state.withLock { $0.wall } }

        func pass(_ duration: Duration) {
            state.withLock { state in
                state.sinceBoot += duration.wholeMilliseconds
                state.wall += duration.wholeMilliseconds
            }
        }

        func setWall(ahead duration: Duration) { state.withLock { $0.wall += duration.wholeMilliseconds } }

        func restart(after pause: Duration) {
            state.withLock { state in
                state.boots += 1
                state.sinceBoot = 10_000
                state.wall += pause.wholeMilliseconds
            }
        }
    }

    private static let jumps: [Duration] = [.seconds(3_600), .seconds(-3_600), .seconds(30 * 365 * 86_400)]

    private let place: StatePlace
    private let machine = Machine()
    private let parked = TaskKey(taskID: "parked", retryNumber: 0, run: 0)
    private let done = TaskKey(taskID: "done", retryNumber: 0, run: 0)
    private let reply = StoredOutcome.reply(Array("done".utf8))

    init() throws { place = try StatePlace() }

    private func open() throws -> SQLiteJournal {
        try SQLiteJournal(path: "\(place.path)/journal.db", isFresh: false, machine: machine.clock)
    }

    private func ledger() throws -> CancellationLedger {
        let database = try SQLiteDatabase(path: place.path + "/operative.db", migrations: StateDatabase.migrations)
        return try CancellationLedger(database, machine: machine.clock)
    }

    private var task: JournalledTask {
        JournalledTask(
            name: "web.start", body: Array("{}".utf8), replyTo: "replies", correlationID: "c", executionID: "e",
            answersCancellation: true, mark: ParkedMark(storeID: "s", cancellationEpoch: 0))
    }

    /// One task that is done, and one whose next attempt is due in a minute.
    private func fill(_ journal: SQLiteJournal) async throws {
        for (key, outcome) in [(done, reply), (parked, .retry(body: [1], delay: .seconds(60)))] {
            try await journal.start(key, task: task)
            try await journal.finish(key, task: task, outcome: outcome)
            await journal.settle(key)
        }
        #expect(await journal.probe())
    }

    @Test(
        "An attempt is missed five minutes after it was due, neither earlier nor later, and nothing that is done is forgotten",
        arguments: jumps, [false, true])
    func whileRunning(jump: Duration, isRestarted: Bool) async throws {
        var journal = try open()
        try await fill(journal)
        machine.setWall(ahead: jump)
        if isRestarted { journal = try open() }
        machine.pass(.seconds(60 + 299))
        #expect(await journal.overdue().isEmpty)
        machine.pass(.seconds(2))
        #expect(await journal.overdue().map(\.key) == [parked])
        // Whatever is written tidies up as well.
        #expect(await journal.probe())
        #expect(try await journal.entry(for: done) == .finished(reply, isSettled: true))
    }

    @Test("While the machine was away the clock on the wall counts, but never backwards")
    func machineRestarted() async throws {
        try await fill(try open())
        machine.restart(after: .seconds(-86_400))
        let second = try open()
        machine.pass(.seconds(60 + 299))
        #expect(await second.overdue().isEmpty)
        machine.restart(after: .seconds(2 * 86_400))
        #expect(await (try open()).overdue().map(\.key) == [parked])
    }

    @Test("The moments that are shown are those of the clock on the wall as it is now", arguments: jumps)
    func shown(jump: Duration) async throws {
        let journal = try open()
        try await fill(journal)
        let before = machine.wall
        machine.setWall(ahead: jump)
        var browser = try JournalBrowser(directory: place.path, machine: machine.clock)
        let row = try #require(try browser.rows(named: "done").first)
        #expect(row.endedAt == before + jump.wholeMilliseconds)
        withExtendedLifetime(journal) {}
    }

    @Test("A cancellation is remembered for its time, whatever the clock says", arguments: jumps)
    func cancellations(jump: Duration) throws {
        try ledger().record(executionID: "x")
        machine.setWall(ahead: jump)
        machine.pass(.seconds(30 * 86_400))
        #expect(try ledger().isCancelled(executionID: "x", after: 0))
        machine.pass(.seconds(2 * 86_400))
        #expect(try !ledger().isCancelled(executionID: "x", after: 0))
    }
}
