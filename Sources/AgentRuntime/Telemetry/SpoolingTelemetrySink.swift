package import AgentExecutors
internal import AgentProtocol
package import Logging
internal import Synchronization

/// Keeps log records and events on disk while the sink underneath does not take them, and sends them on in their order when it does.
///
/// As long as the inner sink keeps up, records pass straight through and the disk is not touched. When it has no room, has confirmed nothing for a while or has failed to deliver, everything that is not confirmed and everything that follows is written to the store, and sent from there once the inner sink works again. What was stored when the process ended is sent by the next one.
///
/// Each destination has a lane of its own: while the inner sink fails or keeps silent about one, the others go on. They share the memory and the disk.
///
/// Records arrive at least once. The order in a lane is that in which they were handed over, but for records that the inner sink fails to deliver: those come behind the ones that were on their way together with them.
package final class SpoolingTelemetrySink: TelemetrySink {
    /// Without a confirm for between once and twice this time, what is on its way is stored.
    private static let patience = Duration.milliseconds(250)
    private static let diskPause = Duration.seconds(1)
    private static let roomPause = Duration.milliseconds(100)
    private static let longestPause = Duration.seconds(10)

    private let inner: any TelemetrySink
    private let store: any TelemetryStore
    /// The inner sink has room for a destination while less than this waits in it.
    private let room: Int
    private let timers: TimerThread
    let logger: Logger
    private let thread = DispatchThread(name: "op-spool")
    private let lanes: Mutex<SpoolLanes>
    private let memory = Atomic<Int>(0)
    private let unwanted = Atomic<Int>(0)
    private let asking = Mutex<Set<TelemetryDestination?>>([])
    let incident = Mutex(SpoolIncident())
    private let closed = Signal()

    /// - Parameters:
    ///   - inner: Where records go.
    ///   - store: The disk.
    ///   - room: How many bytes may wait in the inner sink.
    ///   - maximumBytes: How many bytes the store may hold. Above it log records are dropped, oldest first, and declared at their place; events are kept whatever they take.
    package init(
        inner: any TelemetrySink, store: any TelemetryStore, room: Int, maximumBytes: Int, timers: TimerThread,
        logger: Logger
    ) {
        self.inner = inner
        self.store = store
        self.room = room
        self.timers = timers
        self.logger = logger
        lanes = Mutex(SpoolLanes(limits: SpoolLedger.Limits(storedBytes: maximumBytes)))
    }

    /// Begins to send, what an earlier process has left first. To be called when the inner sink can take records; until then they wait in memory.
    package func start() {
        Task(executorPreference: thread) { self.begin() }
    }

    private func begin() {
        var inventory: TelemetryInventory?
        do {
            inventory = try store.inventory()
        } catch {
            report(error)
        }
        let base = Timestamp.now().millisecondsSinceEpoch << 10
        let called = lanes.withLock { lanes in
            defer { memory.store(lanes.totals.waitingBytes, ordering: .relaxed) }
            return lanes.start(inventory, base: base)
        }
        if let inventory, inventory.count > 0 {
            logger.notice(
                "Log records and events of an earlier run are sent now", metadata: ["records": "\(inventory.count)"])
        }
        for destination in called { work(destination) }
    }

    /// Stores what has not arrived and waits for that, at most for `limit`. To be called when the inner sink sends no more.
    package func close(within limit: Duration) async {
        let timer = timers.schedule(after: limit) { [self] in closed.set() }
        let called = lanes.withLock { lanes in
            defer { if lanes.count == 0 { closed.set() } }
            return lanes.close()
        }
        for destination in called { callWorker(destination) }
        await closed.wait()
        timers.cancel(timer)
    }

    /// Bytes in memory that are neither on disk nor on their way.
    package var pendingBytes: Int { memory.load(ordering: .relaxed) }

    package var needsDestinations: Bool { inner.needsDestinations }

    /// What waits here and what was lost because nobody took it.
    package var status: TelemetryStatus {
        let totals = lanes.withLock { $0.totals }
        return TelemetryStatus(waiting: totals.open, unwanted: unwanted.load(ordering: .relaxed))
    }

    package func send(_ record: TelemetryRecord, completion: @escaping @Sendable (TelemetryDelivery) -> Void) {
        let destination = record.destination
        let hasRoom = inner.pendingBytes(for: destination) + record.body.count <= room
        let admission = use(destination) { $0.admit(record, hasRoom: hasRoom, completion) }
        switch admission {
        case .pass(let place, let startsWatch):
            if startsWatch { watch(destination) }
            hand(record, place)
        case .wait(let callsWorker):
            if callsWorker { self.callWorker(destination) }
        }
    }

    package func onceOut(
        _ place: Int64, of destination: TelemetryDestination?, _ action: @escaping @Sendable () -> Void
    ) -> Int {
        guard let token = use(destination, { $0.await(place, action) }) else {
            action()
            return 0
        }
        return token
    }

    package func forget(_ token: Int, of destination: TelemetryDestination?) {
        use(destination) { $0.forget(token) }
    }

    package func hurry(_ destination: TelemetryDestination?) {
        if use(destination, { $0.isPausing && $0.endPause() }) { callWorker(destination) }
    }

    @discardableResult
    private func use<Result: Sendable>(
        _ destination: TelemetryDestination?, _ body: (inout SpoolLedger) -> Result
    ) -> Result {
        lanes.withLock { lanes in
            let before = lanes.totals.waitingBytes
            defer {
                let bytes = lanes.totals.waitingBytes
                if bytes != before { memory.store(bytes, ordering: .relaxed) }
            }
            return lanes.use(destination, body)
        }
    }

    // MARK: The inner sink

    private func hand(_ record: TelemetryRecord, _ place: Int64) {
        inner.send(record) { [self, destination = record.destination] delivery in
            settled(place, of: destination, delivery)
        }
    }

    private func settled(_ place: Int64, of destination: TelemetryDestination?, _ delivery: TelemetryDelivery) {
        let settlement = use(destination) { $0.settle(place, delivery) }
        if settlement.callsWorker { callWorker(destination) }
        if let failures = settlement.pauseAfterFailures { pause(failures, destination) }
        if settlement.unwanted > 0 { unwanted.add(settlement.unwanted, ordering: .relaxed) }
        settlement.completion?(settlement.fate)
        for action in settlement.actions { action() }
        if case .refused(let reason) = delivery {
            logger.error(
                settlement.undeclared == 0
                    ? "A record will never be taken: one that says so is sent in its place"
                    : "A record that says how many are missing will never be taken either",
                metadata: ["reason": "\(reason)", "missing": "\(max(1, settlement.undeclared))"])
        }
    }

    private func pause(_ failures: Int, _ destination: TelemetryDestination?) {
        let pause = min(Self.longestPause, .milliseconds(100) * (1 << min(failures - 1, 10)))
        logger.debug("Log records and events did not arrive: trying again", metadata: ["pause": "\(pause)"])
        // Half of it at random, so that a thousand agents do not come back together.
        _ = timers.schedule(after: pause / 2 + pause / 2 * Double.random(in: 0...1)) { [self] in
            if use(destination, { $0.endPause() }) { callWorker(destination) }
        }
    }

    private func watch(_ destination: TelemetryDestination?) {
        _ = timers.schedule(after: Self.patience) { [self] in
            let (again, callsWorker) = use(destination) { $0.look() }
            if callsWorker { callWorker(destination) }
            if again { watch(destination) }
        }
    }

    // MARK: The worker

    private func callWorker(_ destination: TelemetryDestination?) {
        Task(executorPreference: thread) { self.work(destination) }
    }

    private func work(_ destination: TelemetryDestination?) {
        while let step = use(
            destination, { $0.nextStep(hasRoom: inner.pendingBytes(for: destination) < room) })
        {
            perform(step, destination)
        }
        let (asks, isLast, left) = lanes.withLock { lanes in
            let asks = lanes.use(destination) { $0.mustAskForRoom }
            return (asks, lanes.rested(destination), lanes.totals.unstored)
        }
        if isLast {
            if left > 0, !closed.isSet {
                logger.error(
                    "Log records and events are lost: they could neither be sent nor stored",
                    metadata: ["records": "\(left)"])
            }
            return closed.set()
        }
        guard asks, asking.withLock({ $0.insert(destination).inserted }) else { return }
        _ = timers.schedule(after: Self.roomPause) { [self] in
            _ = asking.withLock { $0.remove(destination) }
            if use(destination, { $0.callWorker() }) { callWorker(destination) }
        }
    }

    private func perform(_ step: SpoolLedger.Step, _ destination: TelemetryDestination?) {
        switch step {
        case .handOver(let entries):
            handOver(entries, destination)
        case .read(let place, let bytes):
            do {
                let records = try store.read(after: place, of: destination, bytes: bytes)
                handOver(use(destination) { $0.loaded(records) }, destination)
            } catch {
                diskFailed(error, reading: true, destination)
            }
        case .commit(var change):
            change.destination = destination
            change.keptThrough = { [self] in lanes.withLock { $0.frontiers } }
            do {
                let effect = try store.commit(change)
                let (stored, actions) = use(destination) { $0.committed(change) }
                for (lane, count) in effect.removed { use(lane) { $0.removed(count) } }
                for (place, completion) in stored { completion(.stored(at: place)) }
                for action in actions { action() }
                report(effect, isEmpty: lanes.withLock { $0.totals.backlog == 0 })
            } catch {
                diskFailed(error, reading: false, destination)
            }
        }
    }

    private func handOver(_ entries: [SpoolEntry], _ destination: TelemetryDestination?) {
        for entry in entries { hand(entry.record, entry.place) }
        if use(destination, { $0.handedOver() }) { watch(destination) }
    }

    private func diskFailed(_ error: any Error, reading: Bool, _ destination: TelemetryDestination?) {
        report(error)
        use(destination) { $0.diskFailed(reading: reading) }
        _ = timers.schedule(after: Self.diskPause) { [self] in
            if use(destination, { $0.endDiskPause(reading: reading) }) { callWorker(destination) }
        }
    }
}
