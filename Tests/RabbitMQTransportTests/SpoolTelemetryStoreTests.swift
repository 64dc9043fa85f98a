import AgentRuntime
import Foundation
import OperativeAgent
import Testing

@Suite("Telemetry spool, its file")
struct SpoolTelemetryStoreTests {
    private let directory = NSTemporaryDirectory() + "/operative-spool-\(UUID().uuidString)"
    private var path: String { directory + "/telemetry.db" }

    private var change: TelemetryChange {
        var change = TelemetryChange()
        change.adding = [StoredTelemetry(place: 1, record: TelemetryRecord(kind: .event, body: [1], sequence: 1))]
        return change
    }

    @Test("A directory that cannot be used is an error each time, and no trouble once it can be used")
    func recovers() throws {
        let store = SpoolTelemetryStore(path: path, logger: TestLogger.make("spool"))
        #expect(throws: (any Error).self) { try store.inventory() }
        #expect(throws: (any Error).self) { _ = try store.commit(change) }
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        _ = try store.commit(change)
        #expect(try store.inventory() == TelemetryInventory(lanes: [.init(destination: nil, count: 1, newestPlace: 1)]))
        #expect(try store.read(after: 0, of: nil, bytes: 1) == change.adding)
    }

    @Test("A damaged file is put aside, and a new one is begun")
    func damaged() throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try Data(repeating: 7, count: 10_000).write(to: URL(filePath: path))
        let store = SpoolTelemetryStore(path: path, logger: TestLogger.make("spool"))
        #expect(try store.inventory() == TelemetryInventory())
        _ = try store.commit(change)
        #expect(FileManager.default.fileExists(atPath: path + ".damaged"))
    }
}
