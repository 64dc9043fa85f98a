package import AgentRuntime
internal import Glibc
internal import Journal
package import Logging
internal import Synchronization

/// The telemetry spool's database, `telemetry.db` in the state directory.
///
/// It is opened when it is first needed and again after it could not be opened, so that a disk in trouble delays nothing and is used again when it has recovered. A damaged file is put aside.
package final class SpoolTelemetryStore: TelemetryStore {
    private let path: String
    private let logger: Logger
    private let spool = Mutex<TelemetrySpool?>(nil)

    /// - Parameter path: the database file.
    package init(path: String, logger: Logger) {
        self.path = path
        self.logger = logger
    }

    package func inventory() throws -> TelemetryInventory {
        let lanes = try use { spool in try spool.inventory() }
        return TelemetryInventory(
            lanes: lanes.map { lane in
                TelemetryInventory.Lane(
                    destination: lane.lane.flatMap(TelemetryDestination.init(stored:)), count: lane.count,
                    newestPlace: lane.newestPlace)
            })
    }

    package func read(
        after place: Int64, of destination: TelemetryDestination?, bytes: Int
    ) throws -> [StoredTelemetry] {
        try use { spool in try spool.read(after: place, of: destination?.stored, bytes: bytes) }.map { record in
            StoredTelemetry(
                place: record.place,
                record: TelemetryRecord(
                    kind: record.isEvent ? .event : .log, body: record.body, sequence: record.sequence,
                    stream: record.stream, missing: record.missing, destination: destination))
        }
    }

    package func commit(_ change: TelemetryChange) throws -> TelemetryChange.Effect {
        let records = change.adding.map { stored in
            SpooledRecord(
                place: stored.place, stream: stored.record.stream, isEvent: stored.record.kind == .event,
                sequence: stored.record.sequence, missing: stored.record.missing, body: stored.record.body)
        }
        let effect = try use { spool in
            try spool.commit(
                records, of: change.destination?.stored, settled: change.settled, limit: change.limit,
                keptThrough: {
                    var kept: [[UInt8]?: Int64] = [:]
                    for (destination, place) in change.keptThrough() { kept[destination?.stored] = place }
                    return kept
                }, remnant: change.remnant)
        }
        var removed: [TelemetryDestination?: Int] = [:]
        for (lane, count) in effect.removed { removed[lane.flatMap(TelemetryDestination.init(stored:))] = count }
        return TelemetryChange.Effect(
            removed: removed, dropped: effect.dropped, isOverLimit: effect.isOverLimit)
    }

    private func use<Result>(_ body: (TelemetrySpool) throws -> Result) throws -> Result {
        let open: TelemetrySpool
        do {
            open = try opened()
            return try body(open)
        } catch let error as SQLiteError where error.code.isDamage {
            putAside(error)
            return try body(try opened())
        }
    }

    private func opened() throws -> TelemetrySpool {
        try spool.withLock { spool in
            if let spool { return spool }
            let opened = try TelemetrySpool(path: path)
            spool = opened
            return opened
        }
    }

    private func putAside(_ error: SQLiteError) {
        logger.error(
            "The telemetry spool is damaged: it is put aside, and log records and events that waited in it are lost",
            metadata: ["path": "\(path).damaged", "reason": "\(error)"])
        spool.withLock { $0 = nil }
        for suffix in ["-wal", "-shm"] { unsafe unlink(path + suffix) }
        if unsafe rename(path, path + ".damaged") != 0 { unsafe unlink(path) }
    }
}

extension SQLiteResultCode {
    /// Compares primary codes, because extended ones say only where in the file the damage is.
    fileprivate var isDamage: Bool { primary == .corrupt || primary == .notADatabase }
}
