internal import AgentExecutors
internal import AgentProtocol
internal import Logging
internal import Synchronization

/// The log records and events of one attempt of one operation: numbered, in order, and out before the outcome.
///
/// Log records are left out when too much waits for the broker already; one record then says how many are missing. Events are never left out.
final class OperationTelemetry: Sendable {
    /// What is decoded from the task when it is first needed.
    private struct Decoded {
        var context: OperationTaskContext?
        var messageContext: MessageContext?
    }

    private struct Stream {
        var sequence = 0
        var omitted = 0
        var isClosed = false
    }

    private struct Delivery {
        var outstanding = 0
        var lost = 0
        var flushing: CheckedContinuation<Void, Never>?
    }

    private let task: ActiveTask
    private var envelope: TaskEnvelope { task.envelope }
    private let decoded = Mutex(Decoded())
    private let sink: any TelemetrySink
    private let timers: TimerThread
    private let bufferBytes: Int
    private let agentLogger: Logger
    private let stream = Mutex(Stream())
    private let delivery = Mutex(Delivery())

    init(
        task: ActiveTask, sink: any TelemetrySink, timers: TimerThread, bufferBytes: Int,
        agentLogger: Logger
    ) {
        self.task = task
        self.sink = sink
        self.timers = timers
        self.bufferBytes = bufferBytes
        self.agentLogger = agentLogger
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

    func log(level: Logger.Level, text: String) {
        if agentLogger.logLevel <= .debug {
            agentLogger.debug("\(text)", metadata: ["task": "\(envelope.taskName)", "level": "\(level)"])
        }
        emit(.log, record(RecordLevel(loggerLevel: level.rawValue), text))
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

    /// Takes no more records and waits until those that it has are out, or `limit` is over.
    func flush(within limit: Duration) async {
        let omitted = stream.withLock { stream in
            defer { stream.omitted = 0 }
            return stream.omitted
        }
        if omitted > 0 { declare(omitted) }
        stream.withLock { $0.isClosed = true }
        guard delivery.withLock({ $0.outstanding > 0 }) else { return reportLost() }
        let timer = timers.schedule(after: limit) { [self] in endFlush() }
        await withCheckedContinuation { continuation in
            let isDone = delivery.withLock { delivery in
                guard delivery.outstanding > 0 else { return true }
                delivery.flushing = continuation
                return false
            }
            if isDone { continuation.resume() }
        }
        timers.cancel(timer)
        reportLost()
    }

    private func emit(_ kind: TelemetryRecord.Kind, _ body: [UInt8]) {
        let isCrowded = kind == .log && sink.pendingBytes + body.count > bufferBytes
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
        let text =
            "\(omitted) log record\(omitted == 1 ? "" : "s") missing here: the broker did not take them as fast as they were written"
        hand(.log, record(.warning, text))
    }

    private func record(_ level: RecordLevel, _ text: String) -> [UInt8] {
        LogRecord(context: messageContext, level: level, message: text, timestamp: .now()).json
    }

    /// Numbers a record and hands it over in one step, so that numbers and order agree.
    private func hand(_ kind: TelemetryRecord.Kind, _ body: [UInt8]) {
        delivery.withLock { $0.outstanding += 1 }
        stream.withLock { stream in
            stream.sequence += 1
            sink.send(TelemetryRecord(kind: kind, body: body, sequence: stream.sequence)) { [self] arrived in
                settle(arrived)
            }
        }
    }

    private func settle(_ arrived: Bool) {
        let waiting: CheckedContinuation<Void, Never>? = delivery.withLock { delivery in
            delivery.outstanding -= 1
            if !arrived { delivery.lost += 1 }
            guard delivery.outstanding == 0 else { return nil }
            defer { delivery.flushing = nil }
            return delivery.flushing
        }
        waiting?.resume()
    }

    private func endFlush() {
        let (waiting, outstanding): (CheckedContinuation<Void, Never>?, Int) = delivery.withLock { delivery in
            defer { delivery.flushing = nil }
            return (delivery.flushing, delivery.outstanding)
        }
        guard let waiting else { return }
        agentLogger.warning(
            "An outcome is sent before the last records of its operation are out",
            metadata: ["task_id": "\(envelope.id ?? "none")", "records": "\(outstanding)"])
        waiting.resume()
    }

    private func reportLost() {
        let lost = delivery.withLock { delivery in
            defer { delivery.lost = 0 }
            return delivery.lost
        }
        guard lost > 0 else { return }
        agentLogger.error(
            "The broker refused records of an operation: they are lost",
            metadata: ["task_id": "\(envelope.id ?? "none")", "records": "\(lost)"])
    }
}
