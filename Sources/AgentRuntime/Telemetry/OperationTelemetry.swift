internal import AgentExecutors
internal import AgentProtocol
internal import AgentSabotage
internal import Logging
internal import Synchronization

/// The log records and events of one attempt of one operation: numbered, in order, and out before the outcome.
///
/// Log records are left out when too much waits in memory already; one record then says how many are missing, and has the number of the first of them. Events are never left out.
final class OperationTelemetry: Sendable {
    /// What is decoded from the task when it is first needed.
    private struct Decoded {
        var context: OperationTaskContext?
        var messageContext: MessageContext?
        var destination: TelemetryDestination?
    }

    private struct Stream {
        var sequence = 0
        var omitted = 0
        var isClosed = false
    }

    private struct Delivery {
        var outstanding = 0
        var lost = 0
        /// The place of the newest record that is on disk instead of at the broker.
        var storedThrough: Int64?
        /// The place that the spool was asked about and has not answered for.
        var awaitedPlace: Int64?
        var spoolToken: Int?

        var isOut: Bool { outstanding == 0 && storedThrough == nil && awaitedPlace == nil }
        var flushing: CheckedContinuation<Bool, Never>?
    }

    /// How often it is looked whether there is room.
    private static let roomPause = Duration.milliseconds(10)

    private let task: ActiveTask
    private let identifier = TelemetryStream.next()
    private var envelope: TaskEnvelope { task.envelope }
    private let decoded = Mutex(Decoded())
    private let sink: any TelemetrySink
    private let timers: TimerThread
    private let agentLogger: Logger
    private let operationLog: (any OperationLog)?
    private let stream = Mutex(Stream())
    private let backPressure: Mutex<RecordBackPressure>
    private let delivery = Mutex(Delivery())

    init(
        task: ActiveTask, sink: any TelemetrySink, timers: TimerThread, backPressure: RecordBackPressure,
        agentLogger: Logger, operationLog: (any OperationLog)? = nil
    ) {
        self.task = task
        self.sink = sink
        self.timers = timers
        self.backPressure = Mutex(backPressure)
        self.agentLogger = agentLogger
        self.operationLog = operationLog
    }

    /// The task's context.
    var context: OperationTaskContext {
        decoded.withLock { decoded in
            if let context = decoded.context { return context }
            let context = envelope.context()
            decoded.context = context
            return context
        }
    }

    private var messageContext: MessageContext {
        decoded.withLock { decoded in
            if let context = decoded.messageContext { return context }
            let context = MessageContext(envelope)
            decoded.messageContext = context
            return context
        }
    }

    private var destination: TelemetryDestination? {
        guard sink.needsDestinations else { return nil }
        if let destination = decoded.withLock({ $0.destination }) { return destination }
        let destination = TelemetryDestination(context)
        decoded.withLock { $0.destination = destination }
        return destination
    }

    func log(level: Logger.Level, text: String) {
        if agentLogger.logLevel <= .debug {
            agentLogger.debug("\(text)", metadata: ["task": "\(envelope.taskName)", "level": "\(level)"])
        }
        let level = RecordLevel(loggerLevel: level.rawValue)
        operationLog?.write(text, level: level, of: context)
        emit(.log, record(level, text))
    }

    func pluginEvent(_ text: String) {
        emit(.event, EventRecord.plugin(text, context: messageContext, timestamp: .now()).json)
    }

    func taskEvent(_ event: TaskEvent) {
        let record = event.record(
            context: messageContext, retryNumber: envelope.retryNumber, maxRetries: envelope.maxRetries,
            timestamp: .now())
        emit(.event, record.json)
    }

    /// Waits while too much waits in memory already; not in a cancelled task, and not for ever when nothing leaves it.
    func roomForRecords() async {
        guard !Sabotage.isOn(.noBackPressure) else { return }
        while backPressure.withLock({ $0.mustWait(pending: sink.pendingBytes, now: .now) }) {
            guard !Task.isCancelled else { return backPressure.withLock { $0.giveUp() } }
            await timers.sleep(for: Self.roomPause)
        }
    }

    /// Takes no more records and waits until those that it has are out, or `limit` is over. Can be called again when it was.
    ///
    /// - Returns: whether they are out.
    func flush(within limit: Duration) async -> Bool {
        let omitted = stream.withLock { stream in
            stream.isClosed = true
            defer { stream.omitted = 0 }
            return stream.omitted
        }
        if omitted > 0 { declare(omitted) }
        defer { reportLost() }
        guard delivery.withLock({ !$0.isOut }), !Sabotage.isOn(.noTelemetryFlush) else { return true }
        var timer: TimerThread.Token?
        let isOut = await withCheckedContinuation { continuation in
            delivery.withLock { $0.flushing = continuation }
            advanceFlush()
            timer = timers.schedule(after: limit) { [self] in endFlush() }
        }
        if let timer { timers.cancel(timer) }
        return isOut
    }

    /// Waits as ``flush(within:)`` does, for records that need not wait any more themselves: the manager has just been reached.
    func flushAgain(within limit: Duration) async -> Bool {
        sink.hurry(destination)
        return await flush(within: limit)
    }

    /// Marks the task, and has a last record say that some come after the outcome.
    func declareLate() {
        agentLogger.warning(
            "An outcome is sent before the last records of its operation are out",
            metadata: ["task_id": "\(envelope.id ?? "none")", "unsettled": "\(delivery.withLock { $0.outstanding })"])
        task.noteLateRecords()
        let text = "The outcome of this operation was sent before its last records had arrived: they follow it"
        hand(.log, record(.warning, text))
    }

    private func emit(_ kind: TelemetryRecord.Kind, _ body: [UInt8]) {
        let isCrowded = kind == .log && sink.pendingBytes + body.count > backPressure.withLock { $0.allowance }
        let omitted: Int? = stream.withLock { stream in
            if stream.isClosed { return nil }
            if isCrowded {
                stream.omitted += 1
                return nil
            }
            defer { stream.omitted = 0 }
            return stream.omitted
        }
        guard let omitted else { return }
        if omitted > 0 { declare(omitted) }
        hand(kind, body)
    }

    private func declare(_ omitted: Int) {
        let text = MissingRecords.text(omitted, cause: "they were written faster than they could be sent or stored")
        hand(.log, record(.warning, text), missing: omitted)
    }

    private func record(_ level: RecordLevel, _ text: String) -> [UInt8] {
        LogRecord(context: messageContext, level: level, message: text, timestamp: .now()).json
    }

    /// Numbers a record and hands it over in one step, so that numbers and order agree.
    private func hand(_ kind: TelemetryRecord.Kind, _ body: [UInt8], missing: Int = 0) {
        delivery.withLock { $0.outstanding += 1 }
        let destination = destination
        stream.withLock { stream in
            let first = stream.sequence + 1
            stream.sequence += max(1, missing)
            let record = TelemetryRecord(
                kind: kind, body: body, sequence: first, stream: identifier, missing: missing,
                destination: destination)
            sink.send(record) { [self] delivery in settle(delivery) }
        }
    }

    private func settle(_ fate: TelemetryDelivery) {
        let isLast = delivery.withLock { delivery in
            delivery.outstanding -= 1
            switch fate {
            case .arrived: break
            case .stored(let place): delivery.storedThrough = max(place, delivery.storedThrough ?? place)
            case .undelivered, .refused, .unwanted: delivery.lost += 1
            }
            return delivery.outstanding == 0 && delivery.flushing != nil
        }
        if isLast { advanceFlush() }
    }

    private enum FlushStep {
        case wait
        case awaitSpool(Int64)
        case finish(CheckedContinuation<Bool, Never>)
    }

    /// First every record has to be at the broker or on disk, then those on disk at the broker too.
    private func advanceFlush() {
        let step: FlushStep = delivery.withLock { delivery in
            guard delivery.outstanding == 0, delivery.awaitedPlace == nil, let flushing = delivery.flushing
            else { return .wait }
            if let place = delivery.storedThrough {
                delivery.storedThrough = nil
                delivery.awaitedPlace = place
                return .awaitSpool(place)
            }
            delivery.flushing = nil
            return .finish(flushing)
        }
        switch step {
        case .wait: break
        case .awaitSpool(let place):
            let token = sink.onceOut(place, of: destination) { [self] in
                let isAwaited = delivery.withLock { delivery in
                    guard delivery.awaitedPlace == place else { return false }
                    delivery.awaitedPlace = nil
                    return true
                }
                if isAwaited { advanceFlush() }
            }
            delivery.withLock { $0.spoolToken = token }
        case .finish(let flushing): flushing.resume(returning: true)
        }
    }

    private func endFlush() {
        let (waiting, token) = delivery.withLock { delivery in
            // The spool is asked again by the next flush.
            if let place = delivery.awaitedPlace {
                delivery.storedThrough = max(place, delivery.storedThrough ?? place)
                delivery.awaitedPlace = nil
            }
            defer {
                delivery.flushing = nil
                delivery.spoolToken = nil
            }
            return (delivery.flushing, delivery.spoolToken)
        }
        if let token { sink.forget(token, of: destination) }
        waiting?.resume(returning: false)
    }

    private func reportLost() {
        let lost = delivery.withLock { delivery in
            defer { delivery.lost = 0 }
            return delivery.lost
        }
        guard lost > 0 else { return }
        agentLogger.error(
            "Records of an operation did not arrive: they are lost",
            metadata: ["task_id": "\(envelope.id ?? "none")", "records": "\(lost)"])
    }
}
