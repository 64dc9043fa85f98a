import CPowerLoss
import Foundation

/// A disk for tests that knows at every moment what a loss of power would leave of it.
final class PowerDisk: Sendable {
    /// What a loss of power takes of what was not synced.
    enum Loss: CaseIterable {
        /// All of it.
        case everything
        /// Of each sector some of its last changes, of sizes and names too: whatever the system has not happened to write by itself.
        case something
    }

    let name: String
    private let disk: DiskPointer

    init() throws {
        name = "power-\(UUID().uuidString)"
        guard let pointer = power_disk_make(name) else { throw CocoaError(.fileWriteUnknown) }
        disk = DiskPointer(pointer: pointer)
    }

    /// How many changes there were so far.
    var moment: Int { Int(power_disk_count(disk.pointer)) }

    /// After some that pass, so many syncs of the files whose names end so fail.
    func failSyncs(_ count: Int, of suffix: String, after passing: Int = 0) {
        power_disk_fail_syncs(disk.pointer, Int32(clamping: count), suffix, Int32(clamping: passing))
    }

    /// Somebody has synced the directory without SQLite.
    func directorySynced() { power_disk_directory_synced(disk.pointer) }

    /// How many changes of the file were there and synced at a moment: those before the last successful sync's beginning.
    func synced(_ name: String, at moment: Int) -> Int {
        for number in (0..<moment).reversed() {
            let event = power_disk_event(disk.pointer, Int64(number))
            if event.kind == POWER_SYNCED, event.file == name { return Int(event.covered) }
        }
        return 0
    }

    /// Whether everything that was written to the file is synced.
    func isSynced(_ name: String) -> Bool {
        let moment = moment
        let synced = synced(name, at: moment)
        return !(synced..<moment).contains { number in
            let event = power_disk_event(disk.pointer, Int64(number))
            return event.kind == POWER_WRITTEN && event.file == name
        }
    }

    /// How many syncs of files whose names end so have failed.
    func failedSyncs(of suffix: String) -> Int {
        (0..<moment).count { number in
            let event = power_disk_event(disk.pointer, Int64(number))
            return event.kind == POWER_SYNC_FAILED && event.file.hasSuffix(suffix)
        }
    }

    /// The files, by their names, that are left when the power goes after so many changes.
    func files(
        at moment: Int, losing loss: Loss, using generator: inout some RandomNumberGenerator
    ) -> [String: [UInt8]] {
        var image = DiskImage()
        for (index, event) in events(before: moment).enumerated() { image.apply(event, number: index) }
        return image.files(losing: loss, using: &generator)
    }

    private func events(before moment: Int) -> [DiskEvent] {
        (0..<moment).map { DiskEvent(power_disk_event(disk.pointer, Int64($0))) }
    }

    private struct DiskPointer: @unchecked Sendable {
        // The C side locks.
        let pointer: OpaquePointer
    }
}

/// One change of a disk.
struct DiskEvent {
    let kind: power_change
    let file: String
    let offset: Int
    let size: Int
    let bytes: [UInt8]
    let covered: Int

    init(_ event: power_event) {
        kind = event.kind
        file = event.file
        offset = Int(event.offset)
        size = Int(event.size)
        bytes = event.bytes.map { Array(UnsafeBufferPointer(start: $0, count: Int(event.size))) } ?? []
        covered = Int(event.covered)
    }
}

extension power_event {
    fileprivate var file: String {
        withUnsafeBytes(of: name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
