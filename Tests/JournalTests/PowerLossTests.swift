import AgentRuntime
import Foundation
import Synchronization
import Testing

@testable import Journal

/// The journal on a disk that loses what was not synced.
@Suite("Loss of power", .timeLimit(.minutes(3)))
struct PowerLossTests {
    /// Moments at which the power goes, for each run of a journal.
    private static let cuts = 12

    @Test(
        "Grouped: a loss of power at any moment takes only a tail of what no sync had covered, and no task that was taken over",
        arguments: 1...5 as ClosedRange<UInt64>)
    func grouped(seed: UInt64) async throws {
        let run = try JournalRun(seed: seed, durability: .grouped)
        try await run.work(steps: 60)
        #expect(run.log.contains { $0.kind == .keep && $0.isPromised }, "a run that promises nothing proves nothing")
        for cut in run.moments(Self.cuts) { try await run.check(powerLossAt: cut) }
    }

    @Test(
        "Strict: whatever the journal has answered for survives a loss of power at any moment, starts before their first instruction among it",
        arguments: 11...13 as ClosedRange<UInt64>)
    func strict(seed: UInt64) async throws {
        let run = try JournalRun(seed: seed, durability: .strict)
        try await run.work(steps: 60)
        #expect(run.log.contains { $0.kind == .start && $0.isPromised })
        for cut in run.moments(Self.cuts) { try await run.check(powerLossAt: cut) }
    }

    @Test("A log that is moved into the database and begun anew loses no more than one that is not")
    func checkpoints() async throws {
        let run = try JournalRun(seed: 21, durability: .grouped, pagesBeforeCheckpoint: 20)
        try await run.work(steps: 90, bodySize: 3000)
        #expect(run.disk.synced("journal.db", at: run.disk.moment) > 1000, "the database file was synced along the way")
        for cut in run.moments(16) { try await run.check(powerLossAt: cut) }
    }

    @Test("Grouped: starts are on the disk soon, although nobody waits for it")
    func leisurely() async throws {
        let run = try JournalRun(seed: 31, durability: .grouped)
        for number in 0..<5 { try await run.perform(.start, "s-\(number)") }
        while !run.disk.isSynced("journal.db-wal") { try await Task.sleep(for: .milliseconds(2)) }
        let cut = run.disk.moment
        for number in 0..<5 { #expect(try await run.survives(.start, "s-\(number)", powerLossAt: cut)) }
    }

    @Test(
        "After a failed sync nothing counts as on the disk, whatever later syncs say, until the log was written once more",
        arguments: [1, 2, 5])
    func failedSync(failures: Int) async throws {
        let run = try JournalRun(seed: 41, durability: .grouped)
        try await run.perform(.keep, "before")
        try await run.settleDown()
        run.disk.failSyncs(failures, of: "-wal")
        await #expect(throws: SQLiteError.self) { try await run.perform(.keep, "lost") }
        #expect(run.journal.problem != nil)
        // Each attempt may meet a failure; the first that returns has everything on the disk, also what the failed syncs had given up.
        var refusals = 0
        while await !run.journal.probe() {
            refusals += 1
            #expect(run.journal.problem?.contains("sync") == true)
            try #require(refusals <= failures)
        }
        #expect(run.journal.problem == nil)
        let promised = run.disk.moment
        try await run.perform(.keep, "after")
        for name in ["before", "lost"] { #expect(try await run.survives(.keep, name, powerLossAt: promised)) }
        for name in ["before", "lost", "after"] {
            #expect(try await run.survives(.keep, name, powerLossAt: run.disk.moment))
        }
    }

    @Test("A sync that fails while the log is moved into the database counts as much as any other")
    func failedCheckpoint() async throws {
        // The log is moved after every transaction.
        let run = try JournalRun(seed: 45, durability: .grouped, pagesBeforeCheckpoint: 1)
        try await run.settleDown()
        // The first sync is that of the new log's header.
        run.disk.failSyncs(1, of: "-wal", after: 1)
        try await run.perform(.start, "first")
        while run.disk.failedSyncs(of: "-wal") == 0 { try await Task.sleep(for: .milliseconds(2)) }
        run.disk.failSyncs(.max, of: ".db")
        let isPromised = (try? await run.perform(.keep, "second")) != nil
        let survives = try await run.survives(.keep, "second", powerLossAt: run.disk.moment)
        #expect(survives || !isPromised)
        run.disk.failSyncs(0, of: ".db")
        try await run.perform(.keep, "third")
        #expect(try await run.survives(.keep, "third", powerLossAt: run.disk.moment))
        #expect(run.journal.problem == nil)
    }

    @Test("While syncs fail nothing new is started, so that intake ends; afterwards it goes on")
    func failingDisk() async throws {
        let run = try JournalRun(seed: 51, durability: .grouped)
        run.disk.failSyncs(.max, of: "-wal")
        await #expect(throws: SQLiteError.self) { try await run.perform(.keep, "kept") }
        await #expect(throws: SQLiteError.self) { try await run.perform(.start, "started") }
        #expect(await run.journal.probe() == false)
        #expect(run.journal.problem != nil)
        run.disk.failSyncs(0, of: "-wal")
        #expect(await run.journal.probe())
        try await run.perform(.start, "started")
        #expect(run.journal.problem == nil)
    }

    @Test("A sync that fails while nobody waits for it is told to whoever watches", .timeLimit(.minutes(1)))
    func unattendedSync() async throws {
        let run = try JournalRun(seed: 55, durability: .grouped)
        try await run.settleDown()
        let (failures, failure) = AsyncStream.makeStream(of: Void.self)
        run.journal.onFailure { failure.yield() }
        run.disk.failSyncs(.max, of: "-wal")
        try await run.perform(.start, "started")
        #expect(await failures.first { _ in true } != nil)
        #expect(run.journal.problem != nil)
    }

    @Test(
        "Random failures of syncs of log and database, with a loss of power at any moment, break no promise",
        arguments: 61...63 as ClosedRange<UInt64>)
    func failuresAndLosses(seed: UInt64) async throws {
        let run = try JournalRun(
            seed: seed, durability: seed % 2 == 0 ? .strict : .grouped, pagesBeforeCheckpoint: 20, failsSyncs: true)
        try await run.work(steps: 90, bodySize: 3000)
        #expect(run.disk.failedSyncs(of: "") > 0)
        for cut in run.moments(Self.cuts) { try await run.check(powerLossAt: cut) }
    }

    @Test(
        "A log that reads differently from what was written is never trusted again, and never moved into the database")
    func forgottenByTheCache() async throws {
        let run = try JournalRun(seed: 71, durability: .grouped)
        let losses = Mutex<[String]>([])
        run.journal.onLoss { reason in losses.withLock { $0.append(reason) } }
        try await run.perform(.keep, "before")
        try await run.settleDown()
        let old = try Data(contentsOf: URL(fileURLWithPath: run.path + "-wal"))
        run.disk.failSyncs(1, of: "-wal")
        await #expect(throws: SQLiteError.self) { try await run.perform(.keep, "lost") }
        // The system has dropped the pages that it could not write: now the disk's old ones are read.
        let log = try FileHandle(forUpdating: URL(fileURLWithPath: run.path + "-wal"))
        let size = try log.seekToEnd()
        try log.seek(toOffset: UInt64(old.count))
        try log.write(contentsOf: Data(count: Int(size) - old.count))
        #expect(losses.withLock { $0.isEmpty })
        #expect(await run.journal.probe() == false)
        #expect(await run.journal.probe() == false)
        #expect(losses.withLock { $0.count } == 1, "somebody has to restart the agent")
        await confirmation { told in run.journal.onLoss { _ in told() } }
        #expect(run.journal.problem?.contains("restart") == true)
        #expect(try await run.survives(.keep, "before", powerLossAt: run.disk.moment))
    }
}
