import Foundation
import Synchronization
import Testing

@testable import Journal

@Suite("Quarantine")
struct QuarantineTests {
    private struct Header: Decodable, Equatable {
        var reason: String
        var time: String
        var size: Int
        var stored: Int
    }

    let place: StatePlace

    init() throws {
        place = try StatePlace()
    }

    private func open(
        message: Int = 1000, total: Int = 100_000, now: @escaping @Sendable () -> Int64 = { 1_795_219_273_213 }
    ) throws -> Quarantine {
        try Quarantine(
            path: place.path + "/rejected", limits: .init(message: message, total: total), now: now)
    }

    private func body(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: "\(place.path)/rejected/\(name).body")))
    }

    private func header(_ name: String) throws -> Header {
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(place.path)/rejected/\(name).json"))
        return try JSONDecoder().decode(Header.self, from: data)
    }

    @Test("A message is kept byte by byte with its reason, and for the owner alone")
    func keep() throws {
        let quarantine = try open()
        let reason = "not JSON: \"quoted\"\n back\\slash ü🙂"
        let bytes: [UInt8] = [0, 255, 10, 13]
        let name = try quarantine.keep(bytes, reason: reason)
        #expect(name == "20261121T000113.213Z-000000")
        #expect(try body(name) == bytes)
        #expect(try header(name) == Header(reason: reason, time: "2026-11-21T00:01:13.213Z", size: 4, stored: 4))
        #expect(try place.mode(of: "rejected") == 0o700)
        #expect(try place.mode(of: "rejected/\(name).body") == 0o600)
        #expect(try place.mode(of: "rejected/\(name).json") == 0o600)
    }

    @Test("A long message is cut, and its header says how long it was")
    func cut() throws {
        let quarantine = try open(message: 10)
        let cut = try quarantine.keep(Array(0..<20), reason: "r")
        #expect(try body(cut) == Array(0..<10))
        #expect(try header(cut).size == 20)
        #expect(try header(cut).stored == 10)
        let beginning = try quarantine.keep(Array(0..<20), reason: "r", size: 5000)
        #expect(try header(beginning).size == 5000)
    }

    @Test("Names sort by time, also within a millisecond, after a restart and when the clock is set back")
    func order() throws {
        let clock = Mutex<Int64>(1_795_219_273_213)
        let now: @Sendable () -> Int64 = { clock.withLock { $0 } }
        var names: [String] = []
        for step in [Int64(0), 0, 1, -500, 5000] {
            clock.withLock { $0 += step }
            names.append(try open(now: now).keep([], reason: "r"))
        }
        #expect(names == names.sorted())
        #expect(Set(names).count == names.count)
        #expect(try open().names == names)
    }

    @Test("The oldest make room for the newest, before and after a restart")
    func eviction() throws {
        let first = try open(total: 3200)
        var names: [String] = []
        for number in 0..<6 { names.append(try first.keep([UInt8](repeating: 1, count: 700), reason: "\(number)")) }
        #expect(first.names == names.suffix(4))
        let second = try open(total: 3200)
        #expect(second.names == names.suffix(4))
        names.append(try second.keep([UInt8](repeating: 1, count: 700), reason: "6"))
        #expect(second.names == names.suffix(4))
        let files = try FileManager.default.contentsOfDirectory(atPath: second.path)
        #expect(files.count == 8)
        let total = try files.reduce(0) { sum, file in
            sum + (try FileManager.default.attributesOfItem(atPath: "\(second.path)/\(file)")[.size] as? Int ?? 0)
        }
        #expect(total <= 3200)
    }

    @Test("What a crash left half written is cleared away")
    func leftovers() throws {
        _ = try open()
        let leftover = place.path + "/rejected/20260101T000000.000Z-000000.body.tmp"
        try "x".write(toFile: leftover, atomically: false, encoding: .utf8)
        #expect(try open().names.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: leftover))
    }

    @Test("The two kinds are kept apart below the state directory, with the documented limits")
    func kinds() throws {
        let directory = try StateDirectory(path: place.path + "/state")
        for kind in Quarantine.Kind.allCases {
            let name = try Quarantine(in: directory, kind: kind).keep([1], reason: "r")
            #expect(FileManager.default.fileExists(atPath: "\(place.path)/state/\(kind.rawValue)/\(name).body"))
        }
        #expect(Quarantine.Limits().message == 1 << 20)
        #expect(Quarantine.Limits().total == 64 << 20)
    }
}
