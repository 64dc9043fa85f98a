import CPowerLoss

/// What a disk holds for certain, and what it may hold besides.
struct DiskImage {
    private static let sector = 512

    private struct Change {
        let number: Int
        let event: DiskEvent
    }

    private struct File {
        var durable: [UInt8] = []
        var pending: [Change] = []
        var isNamed = false
        /// Changes of the name that no sync of the directory has covered yet: made or removed.
        var naming: [(number: Int, isThere: Bool)] = []
    }

    private var all: [String: File] = [:]

    mutating func apply(_ event: DiskEvent, number: Int) {
        switch event.kind {
        case POWER_MADE, POWER_REMOVED:
            let isThere = event.kind == POWER_MADE
            // A file that is made anew under its old name is another one; its content is unsynced as a whole.
            if isThere { all[event.file, default: File()].pending = [] }
            if isThere { all[event.file]?.durable = [] }
            all[event.file, default: File()].naming.append((number, isThere))
        case POWER_WRITTEN, POWER_CUT_TO_SIZE:
            guard !event.file.isEmpty else { return }
            // A file that was there before the disk looked at it has its name unsynced, too.
            if all[event.file] == nil { all[event.file] = File(naming: [(number, true)]) }
            all[event.file]?.pending.append(Change(number: number, event: event))
        case POWER_SYNCED:
            guard var file = all.removeValue(forKey: event.file) else { return }
            for change in file.pending where change.number < event.covered {
                Self.apply(change.event, to: &file.durable)
            }
            file.pending.removeAll { $0.number < event.covered }
            all[event.file] = file
        case POWER_SYNC_FAILED:
            // The system gives up what it could not write, and never tries again.
            all[event.file]?.pending.removeAll { $0.number < event.covered }
        default:
            for name in all.keys {
                for change in all[name]?.naming ?? [] where change.number < event.covered {
                    all[name]?.isNamed = change.isThere
                }
                all[name]?.naming.removeAll { $0.number < event.covered }
            }
        }
    }

    func files(
        losing loss: PowerDisk.Loss, using generator: inout some RandomNumberGenerator
    ) -> [String: [UInt8]] {
        var result: [String: [UInt8]] = [:]
        for name in all.keys.sorted() {
            guard let file = all[name] else { continue }
            var isNamed = file.isNamed
            if loss == .something, !file.naming.isEmpty {
                let kept = Int.random(in: 0...file.naming.count, using: &generator)
                if kept > 0 { isNamed = file.naming[kept - 1].isThere }
            }
            guard isNamed else { continue }
            result[name] =
                loss == .everything ? file.durable : Self.torn(file.durable, file.pending.map(\.event), &generator)
        }
        return result
    }

    private static func apply(_ event: DiskEvent, to bytes: inout [UInt8]) {
        if event.kind == POWER_CUT_TO_SIZE {
            if event.size < bytes.count { bytes.removeSubrange(event.size...) }
            bytes += [UInt8](repeating: 0, count: max(0, event.size - bytes.count))
        } else {
            let end = event.offset + event.bytes.count
            if bytes.count < end { bytes += [UInt8](repeating: 0, count: end - bytes.count) }
            bytes.replaceSubrange(event.offset..<end, with: event.bytes)
        }
    }

    /// A sector that was changed several times has been written after any of them, or not at all; the size likewise.
    private static func torn(
        _ durable: [UInt8], _ events: [DiskEvent], _ generator: inout some RandomNumberGenerator
    ) -> [UInt8] {
        var versions: [Int: [[UInt8]]] = [:]
        var sizes = [durable.count]
        var current = durable
        for event in events {
            let before = current.count
            apply(event, to: &current)
            sizes.append(current.count)
            let start = event.kind == POWER_CUT_TO_SIZE ? min(event.size, before) : min(event.offset, before)
            let end = event.kind == POWER_CUT_TO_SIZE ? before : event.offset + event.bytes.count
            guard start < end else { continue }
            for sector in (start / sector)...((end - 1) / sector) {
                versions[sector, default: []].append(content(sector, of: current))
            }
        }
        guard let size = sizes.randomElement(using: &generator) else { return durable }
        var result = durable
        result += [UInt8](repeating: 0, count: max(0, (sizes.max() ?? 0) + sector - result.count))
        for (sector, versions) in versions.sorted(by: { $0.key < $1.key }) {
            let kept = Int.random(in: 0...versions.count, using: &generator)
            let range = (sector * Self.sector)..<((sector + 1) * Self.sector)
            if kept > 0, range.upperBound <= result.count { result.replaceSubrange(range, with: versions[kept - 1]) }
        }
        return Array(result.prefix(size))
    }

    private static func content(_ number: Int, of bytes: [UInt8]) -> [UInt8] {
        let part = Array(bytes.dropFirst(number * sector).prefix(sector))
        return part + [UInt8](repeating: 0, count: sector - part.count)
    }
}
