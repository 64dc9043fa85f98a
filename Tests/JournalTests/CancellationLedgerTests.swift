import Foundation
import Synchronization
import Testing

@testable import Journal

@Suite("Remembered cancellations")
struct CancellationLedgerTests {
    /// A clock that is set by hand, in milliseconds.
    private final class Clock: Sendable {
        private let milliseconds = Mutex<Int64>(1_800_000_000_000)
        func now() -> Int64 { milliseconds.withLock { $0 } }
        func advance(days: Int64) { advance(milliseconds: days * 86_400_000) }
        func advance(milliseconds passed: Int64) { milliseconds.withLock { $0 += passed } }
    }

    private let place: StatePlace
    private let clock = Clock()

    init() throws {
        place = try StatePlace()
    }

    private func open() throws -> CancellationLedger {
        let database = try SQLiteDatabase(path: place.path + "/operative.db", migrations: StateDatabase.migrations)
        return try CancellationLedger(database, now: clock.now)
    }

    @Test("A cancellation applies to what arrived before it, never to what arrives after it")
    func epochs() throws {
        let ledger = try open()
        let before = ledger.currentEpoch
        #expect(before == 0)
        #expect(!ledger.isCancelled(executionID: "x", after: before))
        let epoch = try ledger.record(executionID: "x")
        #expect(epoch > before)
        #expect(ledger.currentEpoch == epoch)
        #expect(ledger.isCancelled(executionID: "x", after: before))
        #expect(!ledger.isCancelled(executionID: "x", after: ledger.currentEpoch))
        #expect(!ledger.isCancelled(executionID: "y", after: before))
        let again = try ledger.record(executionID: "x")
        #expect(again > epoch)
        #expect(ledger.isCancelled(executionID: "x", after: epoch))
    }

    @Test("Cancellations, epochs and the identity of the store survive a restart")
    func restart() throws {
        let first = try open()
        let epoch = try first.record(executionID: "x")
        let second = try open()
        #expect(second.storeID == first.storeID)
        #expect(second.currentEpoch == epoch)
        #expect(second.isCancelled(executionID: "x", after: epoch - 1))
        #expect(!second.isCancelled(executionID: "x", after: epoch))
    }

    @Test("A new store has a new identity, which is a random UUID")
    func identity() throws {
        let first = try open().storeID
        let second = try CancellationLedger(
            try SQLiteDatabase(path: place.path + "/other.db", migrations: StateDatabase.migrations)
        ).storeID
        #expect(first != second)
        let uuid = try #require(UUID(uuidString: first))
        #expect(uuid.uuid.6 >> 4 == 4)
        #expect(uuid.uuid.8 >> 6 == 2)
    }

    @Test("After 31 days a cancellation is forgotten, in memory and on disk, and its epoch is not used again")
    func pruning() throws {
        let ledger = try open()
        let old = try ledger.record(executionID: "old")
        clock.advance(days: 30)
        let middle = try ledger.record(executionID: "middle")
        #expect(ledger.isCancelled(executionID: "old", after: 0))
        clock.advance(days: 2)
        let young = try ledger.record(executionID: "young")
        #expect(!ledger.isCancelled(executionID: "old", after: 0))
        #expect(ledger.isCancelled(executionID: "middle", after: 0))
        #expect(ledger.isCancelled(executionID: "young", after: 0))
        #expect(old < middle && middle < young)

        clock.advance(days: 100)
        let reopened = try open()
        #expect(!reopened.isCancelled(executionID: "young", after: 0))
        #expect(reopened.currentEpoch == young)
        #expect(try reopened.record(executionID: "new") > young)
    }

    @Test("An execution cancelled again is remembered from the last time")
    func prunedButCancelledAgain() throws {
        let ledger = try open()
        try ledger.record(executionID: "x")
        clock.advance(days: 20)
        let again = try ledger.record(executionID: "x")
        clock.advance(days: 20)
        try ledger.record(executionID: "other")
        #expect(ledger.isCancelled(executionID: "x", after: again - 1))
        #expect(try open().isCancelled(executionID: "x", after: again - 1))
    }

    @Test(
        "What cannot be written holds in this process, under an epoch of its own, and is written when the disk takes it"
    )
    func unwritable() throws {
        let database = try SQLiteDatabase(path: place.path + "/operative.db", migrations: StateDatabase.migrations)
        let ledger = try CancellationLedger(database, now: clock.now)
        let first = try ledger.record(executionID: "first")
        try database.use { connection in try connection.run("PRAGMA query_only = 1") }
        #expect(throws: SQLiteError.self) { try ledger.record(executionID: "x") }
        #expect(throws: SQLiteError.self) { try ledger.record(executionID: "y") }
        #expect(throws: SQLiteError.self) { try ledger.writeRemembered() }
        #expect(ledger.isCancelled(executionID: "x", after: first))
        #expect(ledger.isCancelled(executionID: "y", after: first + 1))
        // What is sent from now on is not meant.
        #expect(!ledger.isCancelled(executionID: "x", after: ledger.currentEpoch))
        #expect(try !open().isCancelled(executionID: "x", after: 0), "a process that dies now has forgotten it")

        try database.use { connection in try connection.run("PRAGMA query_only = 0") }
        try ledger.writeRemembered()
        let reopened = try open()
        #expect(reopened.isCancelled(executionID: "x", after: first))
        #expect(!reopened.isCancelled(executionID: "x", after: first + 1))
        #expect(reopened.isCancelled(executionID: "y", after: first + 1))
        #expect(reopened.currentEpoch == ledger.currentEpoch)
        #expect(try reopened.record(executionID: "z") == first + 3)
    }

    @Test("An epoch that was only in memory when the agent was killed is given to no other cancellation")
    func unrepeatable() throws {
        let lost: Int64
        do {
            let database = try SQLiteDatabase(path: place.path + "/operative.db", migrations: StateDatabase.migrations)
            let ledger = try CancellationLedger(database, now: clock.now)
            try ledger.record(executionID: "first")
            try database.use { connection in try connection.run("PRAGMA query_only = 1") }
            #expect(throws: SQLiteError.self) { try ledger.record(executionID: "x") }
            #expect(throws: SQLiteError.self) { try ledger.record(executionID: "x") }
            lost = ledger.currentEpoch
        }
        clock.advance(milliseconds: 10)
        let next = try open()
        try next.record(executionID: "y")
        #expect(next.isCancelled(executionID: "y", after: lost), "it was parked with that mark")
    }

    @Test("The numbers of a ledger that only counted go on")
    func counted() throws {
        let database = try SQLiteDatabase(path: place.path + "/operative.db", migrations: StateDatabase.migrations)
        try database.use { connection in
            try connection.run(
                "INSERT INTO cancellation (epoch, execution_id, recorded_at) VALUES (7, 'old', 1800000000)")
        }
        let ledger = try CancellationLedger(database, now: clock.now)
        #expect(ledger.currentEpoch == 7)
        #expect(ledger.isCancelled(executionID: "old", after: 6))
        try ledger.record(executionID: "new")
        #expect(!ledger.isCancelled(executionID: "old", after: 7))
        #expect(ledger.isCancelled(executionID: "new", after: 7))
    }

    @Test("Concurrent cancellations get different epochs and none is lost")
    func concurrency() throws {
        let ledger = try open()
        let epochs = Mutex<[Int64]>([])
        DispatchQueue.concurrentPerform(iterations: 32) { number in
            let epoch = try? ledger.record(executionID: "x\(number)")
            if let epoch { epochs.withLock { $0.append(epoch) } }
        }
        #expect(Set(epochs.withLock { $0 }).count == 32)
        #expect(ledger.currentEpoch == epochs.withLock { $0.max() })
        #expect(ledger.count == 32)
        for number in 0..<32 { #expect(ledger.isCancelled(executionID: "x\(number)", after: 0)) }
    }
}
