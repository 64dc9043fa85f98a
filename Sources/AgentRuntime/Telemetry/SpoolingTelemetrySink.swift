package import AgentExecutors
internal import AgentProtocol
package import Logging
internal import Synchronization

/// Keeps log records and events on disk while the sink underneath does not take them, and sends them on in their order when it does.
///
/// As long as the inner sink keeps up, records pass straight through and the disk is not touched. When it has no room, has confirmed nothing for a while or has failed to deliver, everything that is not confirmed and everything that follows is written to the store, and sent from there once the inner sink works again. What was stored when the process ended is sent by the next one.
///
/// Records arrive at least once. The order is that in which they were handed over, but for records that the inner sink fails to deliver: those come behind the ones that were on their way together with them.
package final class SpoolingTelemetrySink: TelemetrySink {
    /// Without a confirm for between once and twice this time, what is on its way is stored.
    private static let patience = Duration.milliseconds(250)
    private static let diskPause = Duration.seconds(1)
    private static let roomPause = Duration.milliseconds(100)
    private static let longestPause = Duration.seconds(10)

    private let inner: any TelemetrySink
    private let store: any TelemetryStore
    /// The inner sink has room while less than this waits in it.
    private let room: Int
    private let timers: TimerThread
    private let logger: Logger
    private let thread = DispatchThread(name: "op-spool")
    private let ledger: Mutex<SpoolLedger>
    private let memory = Atomic<Int>(0)
    private let isAsking = Atomic<Bool>(false)
    private let incident = Mutex(SpoolIncident())
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
        ledger = Mutex(SpoolLedger(limits: SpoolLedger.Limits(storedBytes: maximumBytes)))
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
        let calls = ledger.withLock { ledger in
            ledger.start(inventory, base: base)
            return ledger.callWorker()
        }
        if let inventory, inventory.count > 0 {
            logger.notice(
                "Log records and events of an earlier run are sent now", metadata: ["records": "\(inventory.count)"])
        }
        if calls { work() }
    }

    /// Stores what has not arrived and waits for that, at most for `limit`. To be called when the inner sink sends no more.
    package func close(within limit: Duration) async {
        let timer = timers.schedule(after: limit) { [self] in closed.set() }
        if ledger.withLock({ $0.close() }) { callWorker() }
        await closed.wait()
        timers.cancel(timer)
    }

    /// Bytes in memory that are neither on disk nor on their way.
    package var pendingBytes: Int { memory.load(ordering: .relaxed) }

    package func send(_ record: TelemetryRecord, completion: @escaping @Sendable (TelemetryDelivery) -> Void) {
        let hasRoom = inner.pendingBytes + record.body.count <= room
        let admission = ledger.withLock { ledger in
            let admission = ledger.admit(record, hasRoom: hasRoom, completion)
            if case .wait = admission { memory.store(ledger.waitingBytes, ordering: .relaxed) }
            return admission
        }
        switch admission {
        case .pass(let place, let startsWatch):
            if startsWatch { watch() }
            hand(record, place)
        case .wait(let callsWorker):
            if callsWorker { self.callWorker() }
        }
    }

    package func onceOut(_ place: Int64, _ action: @escaping @Sendable () -> Void) -> Int {
        guard let token = ledger.withLock({ $0.await(place, action) }) else {
            action()
            return 0
        }
        return token
    }

    package func forget(_ token: Int) { ledger.withLock { $0.forget(token) } }

    // MARK: The inner sink

    private func hand(_ record: TelemetryRecord, _ place: Int64) {
        inner.send(record) { [self] delivery in settled(place, delivery) }
    }

    private func settled(_ place: Int64, _ delivery: TelemetryDelivery) {
        let settlement = ledger.withLock { $0.settle(place, delivery) }
        if settlement.callsWorker { callWorker() }
        if let failures = settlement.pauseAfterFailures { pause(failures) }
        settlement.completion?(.arrived)
        for action in settlement.actions { action() }
        if case .refused(let reason) = delivery {
            logger.error(
                settlement.undeclared == 0
                    ? "A record will never be taken: one that says so is sent in its place"
                    : "A record that says how many are missing will never be taken either",
                metadata: ["reason": "\(reason)", "missing": "\(max(1, settlement.undeclared))"])
        }
    }

    private func pause(_ failures: Int) {
        let pause = min(Self.longestPause, .milliseconds(100) * (1 << min(failures - 1, 10)))
        logger.debug("Log records and events did not arrive: trying again", metadata: ["pause": "\(pause)"])
        // Half of it at random, so that a thousand agents do not come back together.
        _ = timers.schedule(after: pause / 2 + pause / 2 * Double.random(in: 0...1)) { [self] in
            if ledger.withLock({ $0.endPause() }) { callWorker() }
        }
    }

    private func watch() {
        _ = timers.schedule(after: Self.patience) { [self] in
            let (again, callsWorker) = ledger.withLock { $0.look() }
            if callsWorker { callWorker() }
            if again { watch() }
        }
    }

    // MARK: The worker

    private func callWorker() {
        Task(executorPreference: thread) { self.work() }
    }

    private func work() {
        while let step = ledger.withLock({ $0.nextStep(hasRoom: inner.pendingBytes < room) }) { perform(step) }
        let (asks, isClosing, left) = ledger.withLock { ($0.mustAskForRoom, $0.isClosing, $0.unstoredCount) }
        if isClosing {
            if left > 0, !closed.isSet {
                logger.error(
                    "Log records and events are lost: they could neither be sent nor stored",
                    metadata: ["records": "\(left)"])
            }
            return closed.set()
        }
        guard asks, !isAsking.exchange(true, ordering: .sequentiallyConsistent) else { return }
        _ = timers.schedule(after: Self.roomPause) { [self] in
            isAsking.store(false, ordering: .sequentiallyConsistent)
            if ledger.withLock({ $0.callWorker() }) { callWorker() }
        }
    }

    private func perform(_ step: SpoolLedger.Step) {
        switch step {
        case .handOver(let entries):
            handOver(entries)
        case .read(let place, let bytes):
            do {
                let records = try store.read(after: place, bytes: bytes)
                handOver(ledger.withLock { $0.loaded(records) })
            } catch {
                diskFailed(error, reading: true)
            }
        case .commit(let change):
            do {
                let effect = try store.commit(change)
                let (stored, actions) = ledger.withLock { ledger in
                    defer { memory.store(ledger.waitingBytes, ordering: .relaxed) }
                    return ledger.committed(change, effect)
                }
                for (place, completion) in stored { completion(.stored(at: place)) }
                for action in actions { action() }
                report(effect, isEmpty: ledger.withLock { !$0.hasBacklog })
            } catch {
                diskFailed(error, reading: false)
            }
        }
    }

    private func handOver(_ entries: [SpoolEntry]) {
        for entry in entries { hand(entry.record, entry.place) }
        let startsWatch = ledger.withLock { ledger in
            memory.store(ledger.waitingBytes, ordering: .relaxed)
            return ledger.handedOver()
        }
        if startsWatch { watch() }
    }

    private func diskFailed(_ error: any Error, reading: Bool) {
        report(error)
        ledger.withLock { $0.diskFailed(reading: reading) }
        _ = timers.schedule(after: Self.diskPause) { [self] in
            if ledger.withLock({ $0.endDiskPause(reading: reading) }) { callWorker() }
        }
    }

    // MARK: The log: one line for the beginning of a trouble, one for its end

    private func report(_ error: any Error) {
        guard incident.withLock({ $0.diskFailed() }) else { return }
        logger.error(
            "The telemetry spool cannot use its disk: log records and events wait in memory",
            metadata: ["reason": "\(error)"])
    }

    private func report(_ effect: TelemetryChange.Effect, isEmpty: Bool) {
        for news in incident.withLock({ $0.committed(effect, isEmpty: isEmpty) }) {
            switch news {
            case .diskWorks:
                logger.notice("The telemetry spool can use its disk again")
            case .dropping:
                logger.warning("The telemetry spool is full: the oldest log records are dropped")
            case .overLimit:
                logger.warning("The telemetry spool is over its limit with events alone, which are never dropped")
            case .dropped(let count):
                logger.warning(
                    "Log records were dropped because the telemetry spool was full; each place says how many are missing",
                    metadata: ["records": "\(count)"])
            }
        }
    }
}
