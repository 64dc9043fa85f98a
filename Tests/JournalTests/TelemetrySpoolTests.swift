import Foundation
import Testing

@testable import Journal

@Suite("Telemetry spool on disk")
struct TelemetrySpoolTests {
    private let place: StatePlace
    private var path: String { place.path + "/telemetry.db" }

    init() throws { place = try StatePlace() }

    private func log(_ place: Int64, stream: UInt64 = 1, sequence: Int? = nil, bytes: Int = 872) -> SpooledRecord {
        SpooledRecord(
            place: place, stream: stream, isEvent: false, sequence: sequence ?? Int(place),
            body: [UInt8](repeating: 1, count: bytes))
    }

    private func event(_ place: Int64, stream: UInt64 = 1) -> SpooledRecord {
        SpooledRecord(
            place: place, stream: stream, isEvent: true, sequence: Int(place), body: [UInt8](repeating: 2, count: 872))
    }

    @discardableResult
    private func add(
        _ records: [SpooledRecord], to spool: TelemetrySpool, limit: Int = .max, settled: Range<Int64> = 0..<0,
        keptThrough: Int64 = 0
    ) throws -> TelemetrySpool.Effect {
        try spool.commit(
            records, settled: settled, limit: limit, keptThrough: { [nil: keptThrough] },
            remnant: { _ in [9] })
    }

    @Test(
        "Records come back in order, as they were, also for the next process; what has arrived is gone; the file is the owner's alone"
    )
    func order() throws {
        do {
            let spool = try TelemetrySpool(path: path)
            try add([log(3), event(4)], to: spool)
            try add([log(1, stream: .max)], to: spool)
        }
        #expect(try place.mode(of: "telemetry.db") == 0o600)
        let spool = try TelemetrySpool(path: path)
        let lanes = try spool.inventory()
        #expect(lanes.map(\.count) == [3])
        #expect(lanes.map(\.newestPlace) == [4])
        #expect(try spool.read(after: 0, bytes: 1 << 20) == [log(1, stream: .max), log(3), event(4)])
        #expect(try spool.read(after: 1, bytes: 1) == [log(3)])
        try add([], to: spool, settled: 0..<4)
        #expect(try spool.read(after: 0, bytes: 1 << 20) == [event(4)])
    }

    @Test(
        "Over the limit the oldest log records go; each run of them in one operation leaves one record with its exact count and its first number; events stay"
    )
    func trimming() throws {
        let spool = try TelemetrySpool(path: path)
        // Two operations by turns: logs 1 to 8, an event in the middle of each.
        try add([log(1), log(2, stream: 2), log(3), log(4, stream: 2), event(5), event(6, stream: 2)], to: spool)
        let effect = try add([log(7), log(8, stream: 2), log(9), log(10)], to: spool, limit: 5_300)
        #expect(effect.dropped == 6)
        #expect(!effect.isOverLimit)
        let rows = try spool.read(after: 0, bytes: 1 << 20)
        #expect(rows.map(\.place) == [1, 2, 5, 6, 7, 8, 9, 10])
        #expect(rows.map(\.missing) == [2, 2, 0, 0, 1, 1, 0, 0])
        #expect(rows[0].body == [9])
    }

    @Test("Nothing that is on its way is dropped or counted on, and events alone may take more than the limit")
    func kept() throws {
        let spool = try TelemetrySpool(path: path)
        let effect = try add([log(1), log(2), event(3), log(4)], to: spool, limit: 1, keptThrough: 1)
        #expect(effect.dropped == 2)
        #expect(effect.isOverLimit)
        let rows = try spool.read(after: 0, bytes: 1 << 20)
        #expect(rows.map(\.place) == [1, 2, 3, 4])
        #expect(rows.map(\.missing) == [0, 1, 0, 1])
    }

    @Test(
        "Whatever is stored and dropped, every record is there or counted where it was",
        arguments: 0..<20 as Range<UInt64>)
    func exactCount(seed: UInt64) throws {
        let spool = try TelemetrySpool(path: path)
        var random = TestGenerator(state: seed)
        var next: [UInt64: Int] = [:]
        var place: Int64 = 0
        var kept: Int64 = 0
        for _ in 0..<60 {
            var batch: [SpooledRecord] = []
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                place += 1
                let stream = UInt64.random(in: 1...3, using: &random)
                next[stream, default: 0] += 1
                var record = log(place, stream: stream, bytes: Int.random(in: 0...2_000, using: &random))
                record.isEvent = Int.random(in: 0..<5, using: &random) == 0
                record.sequence = next[stream]
                if !record.isEvent, Int.random(in: 0..<8, using: &random) == 0 {
                    record.missing = Int.random(in: 1...9, using: &random)
                    next[stream, default: 0] += record.missing - 1
                }
                batch.append(record)
            }
            if Int.random(in: 0..<6, using: &random) == 0 { kept = max(kept, place - 20) }
            try add(batch, to: spool, limit: 40_000, keptThrough: kept)
        }
        var expected: [UInt64: Int] = [:]
        for row in try spool.read(after: 0, bytes: .max) {
            #expect(row.sequence == expected[row.stream, default: 1])
            expected[row.stream] = (row.sequence ?? 0) + max(1, row.missing)
        }
        #expect(expected == next.mapValues { $0 + 1 })
    }

    @Test(
        "Each lane is read and settled by itself; when it has nothing more its name is forgotten, for a secret may be in it"
    )
    func lanes() throws {
        let spool = try TelemetrySpool(path: path)
        let one = Array("token-one".utf8)
        let two = Array("token-two".utf8)
        func commit(_ records: [SpooledRecord], _ lane: [UInt8]?, settled: Range<Int64> = 0..<0) throws {
            _ = try spool.commit(records, of: lane, settled: settled, limit: .max) { $0 }
        }
        try commit([log(1), log(4)], one)
        try commit([log(2), event(5)], two)
        try commit([log(3)], nil)
        #expect(try spool.inventory().map(\.lane) == [one, two, nil])
        #expect(try spool.inventory().map(\.newestPlace) == [4, 5, 3])
        #expect(try spool.read(after: 0, of: one, bytes: .max).map(\.place) == [1, 4])
        #expect(try spool.read(after: 2, of: two, bytes: .max).map(\.place) == [5])
        #expect(try spool.read(after: 0, of: [7], bytes: .max).isEmpty)
        try commit([], one, settled: 0..<10)
        #expect(try spool.inventory().map(\.lane) == [two, nil])
        #expect(try spool.laneNames() == [two])
    }

    @Test("Over the limit the oldest log records of all lanes go, but what is on its way in its lane stays")
    func trimmingLanes() throws {
        let spool = try TelemetrySpool(path: path)
        _ = try spool.commit([log(1), log(2), log(3)], of: [1], settled: 0..<0, limit: .max) { $0 }
        let effect = try spool.commit(
            [log(4, stream: 2), log(5, stream: 2)], of: [2], settled: 0..<0, limit: 3_400,
            keptThrough: { [[1]: 1, [2]: 4] },
            remnant: { _ in [9] })
        #expect(effect.dropped == 2)
        #expect(effect.removed == [[1]: 1])
        #expect(try spool.read(after: 0, of: [1], bytes: .max).map(\.missing) == [0, 2])
        #expect(try spool.read(after: 0, of: [2], bytes: .max).map(\.missing) == [0, 0])
    }

    @Test("A spool of the first schema is taken over with everything in it, in the lane of those that go where all go")
    func firstSchema() throws {
        do {
            let old = try SQLiteDatabase(path: path, migrations: Array(TelemetrySpool.migrations.prefix(1)))
            try old.transaction { connection in
                try connection.run(
                    "INSERT INTO record (place, stream, event, sequence, missing, cost, body)"
                        + " VALUES (7, 1, 1, 3, 0, 129, x'05')")
            }
        }
        let spool = try TelemetrySpool(path: path)
        let row = SpooledRecord(place: 7, stream: 1, isEvent: true, sequence: 3, body: [5])
        #expect(try spool.read(after: 0, bytes: .max) == [row])
        try add([log(8)], to: spool, settled: 0..<8)
        #expect(try spool.read(after: 0, bytes: .max).map(\.place) == [8])
    }

    @Test("A spool that has been large gives its space back when it is empty")
    func shrinking() throws {
        let spool = try TelemetrySpool(path: path)
        try add((1...4_000).map { log($0) }, to: spool)
        try add([], to: spool, settled: 0..<5_000)
        let size = try #require(FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
        #expect(size < 200_000)
    }
}

private struct TestGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state >> 32) | (state << 32)
    }
}
