import AgentRuntime
import Foundation
import Synchronization
import Testing

@testable import Journal

/// A journal at work on a disk that can lose its power, and all that it was asked and has answered.
final class JournalRun: Sendable {
    enum Kind: CaseIterable { case start, keep, finish, cancel, settle }

    /// Something the journal was asked to write.
    struct Step {
        let kind: Kind
        let name: String
        /// The order of asking.
        let asked: Int
        /// The order of answers, in the same numbers; nil without a good one.
        var answered: Int?
        /// How far the disk was when the answer came.
        var moment = Int.max
        /// The journal has answered for the disk.
        var isPromised = false
    }

    /// Few keys in memory, so that their index on disk has a part in everything.
    private static let foldsAt = 16

    let disk: PowerDisk
    let journal: SQLiteJournal
    let path: String
    private let place: StatePlace
    private let durability: JournalDurability
    private let failsSyncs: Bool
    private let seed: UInt64
    private let state = Mutex((steps: [Step](), clock: 0))

    var log: [Step] { state.withLock { $0.steps } }

    init(
        seed: UInt64, durability: JournalDurability, pagesBeforeCheckpoint: Int = 1_000, failsSyncs: Bool = false
    ) throws {
        let disk = try PowerDisk()
        self.disk = disk
        place = try StatePlace()
        path = "\(place.path)/journal.db"
        self.seed = seed
        self.durability = durability
        self.failsSyncs = failsSyncs
        journal = try SQLiteJournal(
            at: JournalPlace(
                path: path, disk: disk.name, pagesBeforeCheckpoint: pagesBeforeCheckpoint,
                synchronizeDirectory: disk.directorySynced), isFresh: false,
            durability: durability, foldsAt: Self.foldsAt, now: { 1_700_000_000_000 })
    }

    /// Tasks begin, end and are taken over in a random order, several at a time.
    func work(steps: Int, bodySize: Int = 300) async throws {
        var generator = SeededBits(seed: seed)
        var begun: [String: Kind] = [:]
        for number in 0..<steps {
            if failsSyncs, generator.next() % 12 == 0 {
                disk.failSyncs(Int(generator.next() % 3) + 1, of: generator.next() % 3 == 0 ? ".db" : "-wal")
            }
            var portion: [(Kind, String)] = []
            for place in 0..<Int.random(in: 1...3, using: &generator) {
                let open = begun.keys.sorted().filter { name in !portion.contains { $0.1 == name } }
                guard let name = open.randomElement(using: &generator), let last = begun[name], generator.next() % 3 > 0
                else {
                    let kind: Kind = generator.next() % 2 == 0 ? .start : .keep
                    begun["\(number)-\(place)"] = kind
                    portion.append((kind, "\(number)-\(place)"))
                    continue
                }
                let next: Kind =
                    switch last {
                    case .keep: generator.next() % 4 == 0 ? .cancel : .start
                    case .start: generator.next() % 2 == 0 ? .finish : .cancel
                    default: .settle
                    }
                begun[name] = next == .settle ? nil : next
                portion.append((next, name))
            }
            await withTaskGroup { group in
                for (kind, name) in portion {
                    // What a broken disk refuses is no part of what the journal has answered for.
                    group.addTask { try? await self.perform(kind, name, bodySize: bodySize) }
                }
            }
        }
        disk.failSyncs(0, of: "")
    }

    /// Has the journal write something, and notes the answer.
    func perform(_ kind: Kind, _ name: String, bodySize: Int = 300) async throws {
        let index = state.withLock { state in
            state.clock += 1
            state.steps.append(Step(kind: kind, name: name, asked: state.clock))
            return state.steps.count - 1
        }
        switch kind {
        case .start: try await journal.start(key(name), task: task(name, bodySize))
        case .keep: try await journal.keep(key(name), task: task(name, bodySize))
        case .finish: try await journal.finish(key(name), task: task(name, bodySize), outcome: .reply(Array(name.utf8)))
        case .cancel: try await journal.finish(key(name), task: task(name, bodySize), outcome: .silence)
        case .settle: await journal.settle(key(name))
        }
        // A settled outcome is written some time after the call.
        guard kind != .settle else { return }
        let moment = disk.moment
        state.withLock { state in
            state.clock += 1
            state.steps[index].answered = state.clock
            state.steps[index].moment = moment
            state.steps[index].isPromised = kind == .keep || durability == .strict
        }
    }

    /// Returns when what was committed is on the disk.
    func settleDown() async throws {
        #expect(await journal.probe())
        let moment = disk.moment
        while disk.synced("journal.db-wal", at: disk.moment) < moment - 1 {
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// Random moments of the run, the last one among them.
    func moments(_ count: Int) -> [Int] {
        var generator = SeededBits(seed: seed &+ 1000)
        let last = disk.moment
        return (1..<count).map { _ in Int.random(in: 0...last, using: &generator) } + [last]
    }

    /// Takes the power away at a moment, both ways, and compares what the next start finds with what was promised.
    func check(powerLossAt moment: Int) async throws {
        for loss in PowerDisk.Loss.allCases {
            let next = try await reopened(after: moment, losing: loss)
            let steps = log
            let synced = disk.synced("journal.db-wal", at: moment)
            var lost: [Step] = []
            var kept: [Step] = []
            for step in steps {
                if try next.has(step) { kept.append(step) } else { lost.append(step) }
            }
            for step in lost where step.isPromised && step.moment <= moment {
                Issue.record("seed \(seed), power lost (\(loss)) at \(moment): \(step) was promised")
            }
            for step in lost where step.answered != nil && step.moment <= synced {
                Issue.record("seed \(seed), power lost (\(loss)) at \(moment): \(step) was before the last sync")
            }
            // What the journal had answered before something else was asked may not be missing when that is there.
            let newest = kept.map(\.asked).max() ?? 0
            for step in lost {
                guard let answered = step.answered, answered < newest else { continue }
                Issue.record(
                    "seed \(seed), power lost (\(loss)) at \(moment): \(step) is missing, what came after is not")
            }
        }
    }

    /// Whether both kinds of loss leave it.
    func survives(_ kind: Kind, _ name: String, powerLossAt moment: Int) async throws -> Bool {
        for loss in PowerDisk.Loss.allCases {
            guard try await reopened(after: moment, losing: loss).has(Step(kind: kind, name: name, asked: 0)) else {
                return false
            }
        }
        return true
    }

    private func reopened(after moment: Int, losing loss: PowerDisk.Loss) async throws -> JournalAfterwards {
        var generator = SeededBits(seed: seed &+ UInt64(moment))
        let place = try StatePlace()
        for (name, bytes) in disk.files(at: moment, losing: loss, using: &generator) {
            try Data(bytes).write(to: URL(fileURLWithPath: "\(place.path)/\(name)"))
        }
        let path = "\(place.path)/journal.db"
        let journal = try SQLiteJournal(
            path: path, isFresh: false, foldsAt: Self.foldsAt, now: { 1_700_000_000_000 })
        #expect(journal.problem == nil)
        _ = try await journal.unfinished()
        let afterwards = try JournalAfterwards(place: place, path: path)
        for name in afterwards.names { #expect(try await journal.entry(for: key(name)) != .unknown) }
        return afterwards
    }

    private func key(_ name: String) -> TaskKey { TaskKey(taskID: name, retryNumber: 0, run: 0) }

    private func task(_ name: String, _ bodySize: Int) -> JournalledTask {
        JournalledTask(
            name: "web.start", body: Array(name.utf8) + [UInt8](repeating: 0x20, count: bodySize), replyTo: "replies",
            correlationID: nil, executionID: "e", answersCancellation: false,
            mark: ParkedMark(storeID: "s", cancellationEpoch: 0))
    }
}

/// What a journal holds after a loss of power.
private struct JournalAfterwards {
    private struct Row {
        let state: Int64
        let isKept: Bool
        let isStarted: Bool
        let body: [UInt8]
    }

    private let place: StatePlace
    private var rows: [String: Row] = [:]

    init(place: StatePlace, path: String) throws {
        self.place = place
        var connection = try SQLiteConnection(path: path, isReadOnly: true)
        let state = try connection.query("PRAGMA integrity_check") { $0.text(0) }
        #expect(state == ["ok"])
        let found = try connection.query("SELECT task_id, state, kept, started_at, body FROM task") { row in
            (
                row.text(0),
                Row(
                    state: row.integer(1), isKept: row.integer(2) != 0, isStarted: !row.isNull(3), body: row.blob(4))
            )
        }
        for (name, row) in found { rows[name] = row }
    }

    var names: some Sequence<String> { rows.keys }

    func has(_ step: JournalRun.Step) throws -> Bool {
        guard let row = rows[step.name] else { return false }
        let isSettled = row.state == JournalState.settled.rawValue
        return switch step.kind {
        case .start: row.isStarted
        case .keep: isSettled || row.isKept && row.body.starts(with: Array(step.name.utf8))
        case .finish, .cancel: row.state >= JournalState.finished.rawValue
        case .settle: isSettled
        }
    }
}

/// The same numbers for the same seed.
struct SeededBits: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        return bits ^ (bits >> 31)
    }
}
