internal import AgentSabotage

/// One ``SpoolLedger`` for each destination, over one order of places: what one of them waits for holds up no other.
///
/// A lane is there while anything in it is open. Records without a destination have one that stays.
struct SpoolLanes {
    /// Sums over all lanes.
    struct Totals: Sendable, Hashable {
        /// Bytes that wait in memory.
        var waitingBytes = 0
        /// Records that wait, in memory or on disk.
        var backlog = 0
        /// Records that have not arrived: those that wait and those on their way.
        var open = 0
        /// Records that only memory has.
        var unstored = 0
    }

    let limits: SpoolLedger.Limits
    private(set) var totals = Totals()
    private(set) var isClosing = false
    /// Lanes whose worker has to come round before the end.
    private var closing: Set<TelemetryDestination?> = []
    private var ledgers: [TelemetryDestination?: SpoolLedger] = [:]
    private var nextPlace: Int64 = 1
    private var nextToken = 1
    private var isStarted = false
    /// Where a new lane begins: behind all on disk when the disk did not tell what it has, else 0.
    private var base: Int64 = 0

    init(limits: SpoolLedger.Limits) { self.limits = limits }

    var count: Int { ledgers.count }

    /// What lies up to this place in a lane has been handed over.
    var frontiers: [TelemetryDestination?: Int64] { ledgers.mapValues(\.frontier) }

    /// Lets a lane decide something. It comes into being for that, and goes when nothing is left in it.
    mutating func use<Result>(
        _ destination: TelemetryDestination?, _ body: (inout SpoolLedger) -> Result
    ) -> Result {
        let destination = Sabotage.isOn(.oneTelemetryLane) ? nil : destination
        if ledgers.index(forKey: destination) == nil { ledgers[destination] = fresh() }
        // By index: taken out and put back, a ledger would be copied with all that waits in it.
        let index = ledgers.index(forKey: destination) ?? ledgers.startIndex
        let before = ledgers.values[index].totals
        ledgers.values[index].nextPlace = nextPlace
        ledgers.values[index].nextToken = nextToken
        let result = body(&ledgers.values[index])
        nextPlace = ledgers.values[index].nextPlace
        nextToken = ledgers.values[index].nextToken
        totals.add(ledgers.values[index].totals, insteadOf: before)
        if destination != nil, ledgers.values[index].isIdle { ledgers.remove(at: index) }
        return result
    }

    /// Begins to hand over, in each lane what is on disk first.
    ///
    /// - Parameters:
    ///   - inventory: what is on disk; nil when the disk does not tell.
    ///   - base: a place that lies behind all on disk, for when the disk does not tell.
    /// - Returns: the lanes that have something, whose worker is to be called.
    mutating func start(_ inventory: TelemetryInventory?, base: Int64) -> [TelemetryDestination?] {
        let shift = inventory?.newestPlace ?? base
        var stored: [TelemetryDestination?: TelemetryInventory.Lane] = [:]
        for lane in inventory?.lanes ?? [] { stored[lane.destination] = lane }
        let destinations = Set(ledgers.keys).union(stored.keys)
        var called: [TelemetryDestination?] = []
        for destination in destinations {
            var ledger = ledgers.removeValue(forKey: destination) ?? fresh()
            let before = ledger.totals
            let empty = TelemetryInventory.Lane(destination: destination, count: 0, newestPlace: 0)
            ledger.start(inventory == nil ? nil : stored[destination] ?? empty, base: base, shift: shift)
            totals.add(ledger.totals, insteadOf: before)
            if ledger.callWorker() { called.append(destination) }
            ledgers[destination] = ledger
        }
        nextPlace += shift
        self.base = inventory == nil ? base : 0
        isStarted = true
        return called
    }

    /// Begins to store what has not arrived.
    ///
    /// - Returns: the lanes whose worker is to be called.
    mutating func close() -> [TelemetryDestination?] {
        isClosing = true
        closing = Set(ledgers.keys)
        var called: [TelemetryDestination?] = []
        for destination in ledgers.keys where use(destination, { $0.close() }) { called.append(destination) }
        return called
    }

    /// The worker has come round in a lane.
    ///
    /// - Returns: whether it was the last of those that had to.
    mutating func rested(_ destination: TelemetryDestination?) -> Bool {
        guard isClosing else { return false }
        // It came to rest before it was told of the end, and has been called again since.
        if use(destination, { $0.isWorking }) { return false }
        closing.remove(destination)
        return closing.isEmpty
    }

    private func fresh() -> SpoolLedger {
        var ledger = SpoolLedger(limits: limits)
        if isStarted {
            let empty = TelemetryInventory.Lane(destination: nil, count: 0, newestPlace: 0)
            ledger.start(base > 0 ? nil : empty, base: base, shift: 0)
        }
        ledger.isClosing = isClosing
        return ledger
    }
}

extension SpoolLanes.Totals {
    fileprivate mutating func add(_ new: Self, insteadOf old: Self) {
        waitingBytes += new.waitingBytes - old.waitingBytes
        backlog += new.backlog - old.backlog
        open += new.open - old.open
        unstored += new.unstored - old.unstored
    }
}

extension SpoolLedger {
    fileprivate var totals: SpoolLanes.Totals {
        let backlog = onDisk + waiting.count
        return SpoolLanes.Totals(
            waitingBytes: waitingBytes, backlog: backlog, open: backlog + sent + failed, unstored: unstoredCount)
    }
}
