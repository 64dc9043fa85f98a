internal import DequeModule

/// What the spool's worker asks for and reports.
extension SpoolLedger {
    enum Step: Sendable {
        /// Hand these to the inner sink, then call `handedOver()`.
        case handOver([SpoolEntry])
        /// Read from the store and call `loaded(_:)`.
        case read(after: Int64, bytes: Int)
        /// Write to the store and call `committed(_:)` or `diskFailed(reading:)`.
        case commit(TelemetryChange)
    }

    /// What the worker has to do next; nil when it may rest until it is called.
    mutating func nextStep(hasRoom: Bool) -> Step? {
        if isStarted, !isClosing, !isStalled {
            if failed > 0 {
                if !isPausing, sent == 0 { return .handOver(takeFailed()) }
            } else if !isRepeating, hasRoom, sentBytes < limits.windowBytes {
                let room = limits.windowBytes - sentBytes
                if onDisk > 0 {
                    if !isReadPausing { return .read(after: frontier, bytes: room) }
                } else if !waiting.isEmpty {
                    return .handOver(takeWaiting(bytes: room))
                }
            }
        }
        if isStarted, !isWritePausing {
            let change = dueChange()
            if !change.isEmpty { return .commit(change) }
        }
        isWorking = false
        return nil
    }

    /// Records wait and only room at the inner sink is missing, of which nobody will tell.
    var mustAskForRoom: Bool {
        isStarted && !isClosing && !isStalled && failed == 0 && hasBacklog && sent == 0
    }

    /// - Returns: whether somebody has to begin to look after what is on its way.
    mutating func handedOver() -> Bool {
        isHandingOver = false
        defer { isWatched = isWatched || sent > 0 }
        return !isWatched && sent > 0
    }

    /// - Returns: what to hand to the inner sink.
    mutating func loaded(_ records: [StoredTelemetry]) -> [SpoolEntry] {
        guard !records.isEmpty else {
            onDisk = 0
            return []
        }
        onDisk = max(0, onDisk - records.count)
        isHandingOver = true
        return records.map { stored in
            var entry = SpoolEntry(place: stored.place, record: stored.record, completion: nil)
            if stored.record.missing > 0 {
                entry.record.body = MissingRecords.declaration(stored.record.missing, from: stored.record.body)
            }
            entry.isStored = true
            entry.state = .sent
            appendInFlight(entry)
            return entry
        }
    }

    /// - Returns: whom to tell that a record is stored.
    mutating func committed(
        _ change: TelemetryChange
    ) -> (stored: [(Int64, @Sendable (TelemetryDelivery) -> Void)], actions: [@Sendable () -> Void]) {
        var told: [(Int64, @Sendable (TelemetryDelivery) -> Void)] = []
        deletedBefore = max(deletedBefore, change.settled.upperBound)
        for stored in change.adding {
            newestStored = max(newestStored, stored.place)
            if let first = waiting.first, first.place == stored.place {
                waiting.removeFirst()
                waitingBytes -= first.cost
                onDisk += 1
                if let completion = first.completion { told.append((stored.place, completion)) }
            } else if let index = index(of: stored.place), inFlight[index].state != .settled {
                // What was refused meanwhile is another record now.
                guard inFlight[index].record == stored.record else { continue }
                if !inFlight[index].isStored { unstoredInFlight -= 1 }
                inFlight[index].isStored = true
                if let completion = inFlight[index].completion { told.append((stored.place, completion)) }
                inFlight[index].completion = nil
            }
        }
        return (told, takeDueActions())
    }

    /// Stored records behind `frontier` were dropped, or merged into those that stand for them.
    mutating func removed(_ count: Int) { onDisk = max(0, onDisk - count) }

    mutating func diskFailed(reading: Bool) {
        if reading { isReadPausing = true } else { isWritePausing = true }
    }
}
