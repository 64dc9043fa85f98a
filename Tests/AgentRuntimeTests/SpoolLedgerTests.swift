import TestRandomness
import Testing

@testable import AgentRuntime

/// The ledger is what decides; these tests play inner sink and disk for it, without threads and clocks.
@Suite("Telemetry spool, decisions")
struct SpoolLedgerTests {
    @Test(
        "Whatever the order of confirms, failures, stalls, disk errors and restarts, every record arrives, each attempt's in order of its handing over",
        arguments: 0..<60)
    func anyOrder(seed: UInt64) {
        var world = SpoolWorld(seed: seed)
        for _ in 0..<600 { world.step() }
        world.finish()
        #expect(world.firstArrivals.sorted() == Array(1...world.produced))
        // Without failures nothing overtakes; with them only what was on its way together does, and nothing is handed over before what came earlier.
        #expect(world.firstHandOvers == Array(1...world.produced))
        #expect(world.disk.isEmpty)
    }

    @Test(
        "Without failures nothing arrives twice or out of order, whatever stalls and disk errors there are",
        arguments: 100..<120)
    func noFailures(seed: UInt64) {
        var world = SpoolWorld(seed: seed)
        world.mayFail = false
        for _ in 0..<600 { world.step() }
        world.finish()
        #expect(world.handOvers == Array(1...world.produced))
    }

    @Test("While the inner sink keeps up nothing is written to the disk")
    func direct() {
        var ledger = SpoolLedger(limits: .init())
        ledger.start(empty, base: 0, shift: 0)
        for number in 1...1_000 {
            guard case .pass(let place, _) = ledger.admit(record(number), hasRoom: true, { _ in }) else {
                Issue.record("record \(number) waits")
                return
            }
            #expect(ledger.settle(place, .arrived).callsWorker == false)
        }
        guard ledger.nextStep(hasRoom: true) == nil else {
            Issue.record("there is something to do")
            return
        }
    }
}

private let empty = TelemetryInventory.Lane(destination: nil, count: 0, newestPlace: 0)

private func record(_ number: Int) -> TelemetryRecord {
    TelemetryRecord(kind: .log, body: Array("\(number)".utf8), sequence: number, stream: 1)
}

/// Inner sink, disk and process around a ledger, driven at random.
private struct SpoolWorld {
    var random: SeededGenerator
    var ledger = SpoolLedger(limits: .init(windowBytes: 5 * 257, batchBytes: 3 * 257))
    var disk: [Int64: TelemetryRecord] = [:]
    var onTheWay: [(place: Int64, number: Int)] = []
    var produced = 0
    var handOvers: [Int] = []
    var firstArrivals: [Int] = []
    var mayFail = true

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        ledger.start(empty, base: 0, shift: 0)
    }

    var firstHandOvers: [Int] {
        var seen = Set<Int>()
        return handOvers.filter { seen.insert($0).inserted }
    }

    mutating func step() {
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<7: produce()
        case 7..<12: answer(.arrived)
        case 12 where mayFail: answer(.undelivered)
        case 13: stall()
        case 14: _ = ledger.endPause()
        case 15:
            _ = ledger.endDiskPause(reading: true)
            _ = ledger.endDiskPause(reading: false)
        case 16 where mayFail && Int.random(in: 0..<20, using: &random) == 0: restart()
        default: work()
        }
    }

    /// Everything works again until nothing is left.
    mutating func finish() {
        for _ in 0..<10_000 {
            while !onTheWay.isEmpty { answer(.arrived) }
            _ = ledger.endPause()
            _ = ledger.endDiskPause(reading: true)
            _ = ledger.endDiskPause(reading: false)
            _ = ledger.callWorker()
            if !work(diskFails: false), onTheWay.isEmpty { return }
        }
    }

    private mutating func produce() {
        produced += 1
        let one = record(produced)
        let hasRoom = Int.random(in: 0..<10, using: &random) > 0
        if case .pass(let place, _) = ledger.admit(one, hasRoom: hasRoom, { _ in }) { hand(place, one) }
    }

    private mutating func hand(_ place: Int64, _ record: TelemetryRecord) {
        handOvers.append(record.sequence ?? 0)
        onTheWay.append((place, record.sequence ?? 0))
    }

    private mutating func answer(_ delivery: TelemetryDelivery) {
        guard let index = onTheWay.indices.randomElement(using: &random) else { return }
        let (place, number) = onTheWay.remove(at: index)
        if delivery == .arrived, !firstArrivals.contains(number) { firstArrivals.append(number) }
        _ = ledger.settle(place, delivery)
    }

    private mutating func stall() {
        _ = ledger.look()
        _ = ledger.look()
    }

    @discardableResult
    private mutating func work(diskFails: Bool? = nil) -> Bool {
        guard let step = ledger.nextStep(hasRoom: diskFails == false || Bool.random(using: &random)) else {
            return false
        }
        let fails = diskFails ?? (Int.random(in: 0..<5, using: &random) == 0)
        switch step {
        case .handOver(let entries):
            for entry in entries { hand(entry.place, entry.record) }
            _ = ledger.handedOver()
        case .read(let place, let bytes):
            if fails {
                ledger.diskFailed(reading: true)
                return true
            }
            let rows = disk.filter { $0.key > place }.sorted { $0.key < $1.key }.prefix(max(1, bytes / 257))
            for entry in ledger.loaded(rows.map { StoredTelemetry(place: $0.key, record: $0.value) }) {
                hand(entry.place, entry.record)
            }
            _ = ledger.handedOver()
        case .commit(let change):
            if fails {
                ledger.diskFailed(reading: false)
                return true
            }
            disk = disk.filter { !change.settled.contains($0.key) }
            for stored in change.adding { disk[stored.place] = stored.record }
            _ = ledger.committed(change)
        }
        return true
    }

    /// An orderly end: what is in memory is stored, what was on its way is not heard of again.
    private mutating func restart() {
        _ = ledger.close()
        _ = ledger.endDiskPause(reading: false)
        while work(diskFails: false) {}
        onTheWay = []
        ledger = SpoolLedger(limits: ledger.limits)
        let newest = disk.keys.max() ?? 0
        ledger.start(
            TelemetryInventory.Lane(destination: nil, count: disk.count, newestPlace: newest), base: 0, shift: newest)
        // What had been handed over comes again first; it is not looked at as new.
    }
}
