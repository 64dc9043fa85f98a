internal import DequeModule

extension SpoolLedger {
    var hasWork: Bool {
        if failed > 0 { return (sent == 0 && !isPausing) || (unstoredInFlight > 0 && !isWritePausing) }
        if hasBacklog { return !isRepeating && sentBytes <= limits.windowBytes / 2 }
        return sent == 0 && hasDeletions
    }

    var hasDeletions: Bool { min(oldestOpen, newestStored + 1) > deletedBefore && newestStored > 0 }

    func dueChange() -> TelemetryChange {
        var change = TelemetryChange()
        if isStalled || failed > 0 || isClosing, unstoredInFlight > 0 {
            for entry in inFlight where !entry.isStored && (entry.state == .sent || entry.state == .failed) {
                change.adding.append(StoredTelemetry(place: entry.place, record: entry.record))
            }
        }
        var bytes = 0
        for entry in waiting {
            if bytes >= limits.batchBytes { break }
            bytes += entry.cost
            change.adding.append(StoredTelemetry(place: entry.place, record: entry.record))
        }
        if hasDeletions { change.settled = deletedBefore..<min(oldestOpen, newestStored + 1) }
        change.limit = limits.storedBytes
        change.remnant = MissingRecords.remnant
        return change
    }

    mutating func appendInFlight(_ entry: SpoolEntry) {
        frontier = entry.place
        sent += 1
        sentBytes += entry.cost
        if !entry.isStored { unstoredInFlight += 1 }
        inFlight.append(entry)
    }

    mutating func takeWaiting(bytes: Int) -> [SpoolEntry] {
        isHandingOver = true
        var taken: [SpoolEntry] = []
        var rest = bytes
        while rest > 0, var entry = waiting.popFirst() {
            rest -= entry.cost
            waitingBytes -= entry.cost
            entry.state = .sent
            appendInFlight(entry)
            taken.append(entry)
        }
        return taken
    }

    mutating func takeFailed() -> [SpoolEntry] {
        isHandingOver = true
        isRepeating = true
        var taken: [SpoolEntry] = []
        for index in inFlight.indices where inFlight[index].state == .failed {
            inFlight[index].state = .sent
            sent += 1
            sentBytes += inFlight[index].cost
            taken.append(inFlight[index])
        }
        failed = 0
        return taken
    }

    mutating func fail(_ index: Int) -> Int? {
        inFlight[index].state = .failed
        failed += 1
        guard !isPausing else { return nil }
        isPausing = true
        failures += 1
        return failures
    }

    mutating func finish(_ index: Int) -> (@Sendable (TelemetryDelivery) -> Void)? {
        let completion = inFlight[index].completion
        if !inFlight[index].isStored { unstoredInFlight -= 1 }
        inFlight[index].state = .settled
        inFlight[index].completion = nil
        inFlight[index].record.body = []
        while let first = inFlight.first, first.state == .settled { inFlight.removeFirst() }
        return completion
    }

    /// Places are in order, with gaps where records were dropped.
    func index(of place: Int64) -> Int? {
        var low = 0
        var high = inFlight.count
        while low < high {
            let middle = (low + high) / 2
            if inFlight[middle].place < place { low = middle + 1 } else { high = middle }
        }
        return low < inFlight.count && inFlight[low].place == place ? low : nil
    }

    mutating func takeDueActions() -> [@Sendable () -> Void] {
        guard !waiters.isEmpty else { return [] }
        let oldest = oldestOpen
        let due = waiters.filter { $0.place < oldest }
        guard !due.isEmpty else { return [] }
        waiters.removeAll { $0.place < oldest }
        return due.map(\.action)
    }
}
