internal import DequeModule

/// What the telemetry spool knows: which records are on their way, which wait in memory, how many wait on disk, and what is to be done next.
///
/// Every record has a place in one order of all records. Places up to `frontier` have been handed to the inner sink (`inFlight`), those behind it wait: first the ones on disk, then the ones in memory. So the order is kept by taking from the front only.
struct SpoolLedger {
    struct Limits: Sendable {
        /// Bytes on disk.
        var storedBytes = 256 << 20
        /// Bytes on their way to the inner sink while the spool is drained.
        var windowBytes = 1 << 20
        /// Bytes written to the disk in one go.
        var batchBytes = 4 << 20
    }

    let limits: Limits
    var nextPlace: Int64 = 1
    var inFlight = Deque<SpoolEntry>()
    var waiting = Deque<SpoolEntry>()
    var waitingBytes = 0
    /// Stored records behind `frontier`.
    var onDisk = 0
    var frontier: Int64 = 0
    var sent = 0
    var sentBytes = 0
    var failed = 0
    var unstoredInFlight = 0
    var newestStored: Int64 = 0
    var deletedBefore: Int64 = 0
    var waiters: [Waiter] = []
    var nextToken = 1

    var isStarted = false
    var isClosing = false
    /// The inner sink has confirmed nothing for a while.
    var isStalled = false
    /// Records leave the memory in order, outside of the lock: none may overtake them.
    var isHandingOver = false
    /// What failed is sent again; nothing that comes after it may overtake it by failing later, or not at all.
    var isRepeating = false
    var isPausing = false
    var isReadPausing = false
    var isWritePausing = false
    var isWorking = false
    var isWatched = false
    var watchedPlace: Int64 = 0
    var failures = 0

    struct Waiter {
        let token: Int
        let place: Int64
        let action: @Sendable () -> Void
    }

    init(limits: Limits) { self.limits = limits }

    /// Records wait, in memory or on disk.
    var hasBacklog: Bool { onDisk > 0 || !waiting.isEmpty }
    /// Nothing is open, and nobody will come back to it.
    var isIdle: Bool {
        inFlight.isEmpty && !hasBacklog && !hasDeletions && waiters.isEmpty && !isHandingOver && !isWorking
            && !isWatched
            && !isPausing && !isReadPausing && !isWritePausing
    }
    /// Records that only memory has.
    var unstoredCount: Int { waiting.count + unstoredInFlight }

    /// The oldest place that has not arrived.
    var oldestOpen: Int64 {
        inFlight.first?.place ?? (onDisk > 0 ? frontier + 1 : waiting.first?.place ?? nextPlace)
    }

    // MARK: From any thread

    enum Admission: Sendable {
        /// To be handed to the inner sink at once.
        case pass(place: Int64, startsWatch: Bool)
        /// It waits. The worker is to be called if it is not at work.
        case wait(callsWorker: Bool)
    }

    mutating func admit(
        _ record: TelemetryRecord, hasRoom: Bool, _ completion: @escaping @Sendable (TelemetryDelivery) -> Void
    ) -> Admission {
        var entry = SpoolEntry(place: nextPlace, record: record, completion: completion)
        nextPlace += 1
        let isDirect =
            hasRoom && isStarted && !isClosing && !isStalled && !isHandingOver && failed == 0 && !isRepeating
            && !hasBacklog
        guard isDirect else {
            waiting.append(entry)
            waitingBytes += entry.cost
            return .wait(callsWorker: callWorker())
        }
        entry.state = .sent
        appendInFlight(entry)
        defer { isWatched = true }
        return .pass(place: entry.place, startsWatch: !isWatched)
    }

    /// What follows from an answer of the inner sink.
    struct Settlement: Sendable {
        var completion: (@Sendable (TelemetryDelivery) -> Void)?
        var actions: [@Sendable () -> Void] = []
        var callsWorker = false
        /// Failed records are sent again after this many failures in a row; nil when no pause begins.
        var pauseAfterFailures: Int?
        /// A record that said what is missing was refused itself: so many records are missing without a word.
        var undeclared = 0
        /// So many records are lost because nobody takes them any more.
        var unwanted = 0
        /// What the record's sender hears.
        var fate = TelemetryDelivery.arrived
    }

    mutating func settle(_ place: Int64, _ delivery: TelemetryDelivery) -> Settlement {
        var settlement = Settlement()
        guard let index = index(of: place), inFlight[index].state == .sent else { return settlement }
        sent -= 1
        sentBytes -= inFlight[index].cost
        switch delivery {
        case .arrived, .stored:
            isStalled = false
            failures = 0
            settlement.completion = finish(index)
        case .refused(let reason):
            isStalled = false
            let record = inFlight[index].record
            if record.missing > 0 {
                settlement.undeclared = record.missing
                settlement.completion = finish(index)
            } else {
                inFlight[index].record.body = MissingRecords.declaration(1, from: record.body, cause: reason)
                inFlight[index].record.kind = .log
                inFlight[index].record.missing = 1
                if inFlight[index].isStored {
                    inFlight[index].isStored = false
                    unstoredInFlight += 1
                }
                settlement.pauseAfterFailures = fail(index)
            }
        case .unwanted:
            isStalled = false
            failures = 0
            settlement.unwanted = max(1, inFlight[index].record.missing)
            settlement.fate = delivery
            settlement.completion = finish(index)
        case .undelivered:
            isStalled = false
            settlement.pauseAfterFailures = fail(index)
        }
        if failed == 0, sent == 0 { isRepeating = false }
        settlement.actions = takeDueActions()
        settlement.callsWorker = hasWork && callWorker()
        return settlement
    }

    /// Calls `action` when everything up to `place` has arrived; nil when it has.
    mutating func await(_ place: Int64, _ action: @escaping @Sendable () -> Void) -> Int? {
        guard place >= oldestOpen else { return nil }
        nextToken += 1
        waiters.append(Waiter(token: nextToken, place: place, action: action))
        return nextToken
    }

    mutating func forget(_ token: Int) { waiters.removeAll { $0.token == token } }

    /// Begins to hand over, what is on disk first.
    ///
    /// - Parameters:
    ///   - inventory: what is on disk; nil when the disk does not tell.
    ///   - base: a place that lies behind all on disk, for when the disk does not tell. What is there is left to the next start then.
    ///   - shift: what is added to the places of records that came before the start.
    mutating func start(_ inventory: TelemetryInventory.Lane?, base: Int64, shift: Int64) {
        onDisk = inventory?.count ?? 0
        newestStored = inventory?.newestPlace ?? 0
        deletedBefore = inventory == nil ? base : 0
        // Records that came before the start already have places; none of them has been used outside of memory.
        frontier = inventory == nil ? base : 0
        waiting = Deque(
            waiting.map { entry in
                var moved = SpoolEntry(place: entry.place + shift, record: entry.record, completion: entry.completion)
                moved.state = entry.state
                return moved
            })
        nextPlace += shift
        isStarted = true
    }

    mutating func close() -> Bool {
        isClosing = true
        return callWorker()
    }

    /// Looks at whether the inner sink gets on.
    ///
    /// - Returns: whether to look again, and whether the worker is to be called.
    mutating func look() -> (again: Bool, callsWorker: Bool) {
        guard let oldest = inFlight.first(where: { $0.state == .sent }) else {
            isWatched = false
            watchedPlace = 0
            return (false, false)
        }
        guard oldest.place == watchedPlace else {
            watchedPlace = oldest.place
            return (true, false)
        }
        isStalled = true
        return (true, unstoredInFlight > 0 && callWorker())
    }

    mutating func endPause() -> Bool {
        isPausing = false
        return callWorker()
    }

    mutating func endDiskPause(reading: Bool) -> Bool {
        if reading { isReadPausing = false } else { isWritePausing = false }
        return callWorker()
    }

    mutating func callWorker() -> Bool {
        defer { isWorking = true }
        return !isWorking
    }
}
