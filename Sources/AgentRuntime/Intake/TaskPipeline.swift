internal import AgentExecutors
internal import AgentProtocol
internal import AgentSabotage
internal import Logging
internal import Operative

/// The way of a task, from delivery to acknowledgement. `process` is the whole story; each step has a file of its own.
final class TaskPipeline: Sendable {
    let configuration: RuntimeConfiguration
    let registry: OperationRegistry
    let ports: RuntimePorts
    let timers: TimerThread
    let loop: DispatchThread
    let board = TaskBoard()
    let activity = TaskActivity()
    let slots: SlotPool
    let operationThreads: ThreadPool
    let cancellers: ThreadPool
    let stopRequestedByTask = Signal()
    /// Nothing is started any more.
    let stopping = Signal()
    /// Nobody is waited for any more.
    let givingUp = Signal()
    let idleness = IdleCount()
    let undeliverable: UndeliverableReplies
    let custody: Custody
    let storage: StorageWatch
    let gate: IntakeGate
    /// Says that tasks which had to be left in the journal can be taken up again.
    let revivals: AsyncStream<Void>
    let revive: AsyncStream<Void>.Continuation
    /// Attempts that no broker hands out, announced already.
    let takenUp: AsyncStream<IncomingMessage>
    let takeUps: AsyncStream<IncomingMessage>.Continuation

    init(
        configuration: RuntimeConfiguration, registry: OperationRegistry, ports: RuntimePorts, timers: TimerThread,
        dispatcher: DispatchThread
    ) {
        self.configuration = configuration
        self.registry = registry
        self.ports = ports
        self.timers = timers
        loop = dispatcher
        undeliverable = UndeliverableReplies(
            ports: ports, timers: timers, retryFor: configuration.undeliverableRetry,
            limit: configuration.undeliverableLimit)
        slots = SlotPool(size: configuration.concurrency, patience: configuration.alonePatience, timers: timers)
        let gate = IntakeGate(source: ports.operations)
        self.gate = gate
        let (revivals, revive) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.revivals = revivals
        self.revive = revive
        (takenUp, takeUps) = AsyncStream.makeStream(of: IncomingMessage.self)
        let storage = StorageWatch(ports: ports, timers: timers, loop: dispatcher, gate: gate) { revive.yield() }
        self.storage = storage
        custody = Custody(
            configuration: configuration, ports: ports, timers: timers, loop: dispatcher, gate: gate, storage: storage)
        ports.journal.onFailure { [weak storage] in
            Task(executorPreference: dispatcher) { await storage?.stopIntake() }
        }
        cancellers = ThreadPool(name: "op-cancel", limit: configuration.concurrency)
        operationThreads = ThreadPool(
            name: "op-operation", limit: configuration.concurrency, dispatcher: dispatcher)
    }

    /// To be called for every message that is going to be processed, before anybody looks whether the agent is idle.
    func announce() { idleness.enter() }

    func process(_ message: IncomingMessage) async {
        defer { idleness.leave() }
        let envelope: TaskEnvelope
        switch decode(message) {
        case .success(let decoded): envelope = decoded
        case .failure(let error): return await reject(message, because: error)
        }
        let task = ActiveTask(key: key(of: envelope, message), envelope: envelope, message: message, mark: currentMark)
        if let original = board.insert(task) { return original.join(message.receipt) }
        if Sabotage.isOn(.acknowledgeOnArrival) { task.acknowledge() }
        if message.keptAs == nil { custody.watchArrival(of: task) } else { custody.adopt(task) }
        Failpoint.reach(.arrived)
        await proceed(task, message)
        custody.leaveRoom(task)
        board.remove(task.key)
        task.end()
    }

    private func proceed(_ task: ActiveTask, _ message: IncomingMessage) async {
        let operation = registry.operation(
            for: TaskDescription(taskName: task.envelope.taskName, type: task.envelope.type))
        let situation: IntakeTable.Situation
        do {
            situation = try await self.situation(of: task, message, operation: operation)
        } catch {
            ports.logger.debug("Task not taken in: the journal cannot be read. \(error)", metadata: task.logMetadata)
            return await handBack(task, because: "the journal cannot be read: \(error)")
        }
        switch IntakeTable.action(for: situation) {
        case .run(let resume):
            if resume, situation.entry == .unknown {
                // Only the flag of this delivery says so, and only to this process: the next one has to read it in the body.
                task.mayHaveBegun()
                _ = await custody.keep(task)
            }
            await run(task, operation: operation, parked: message.parked, resume: resume)
        case .runAsRecorded:
            await run(task, operation: operation, parked: message.parked, resume: false, isLost: true)
        case .resumeAlone:
            ports.logger.warning(
                "The agent died more than once while this operation ran: it is resumed alone",
                metadata: task.logMetadata)
            await run(task, operation: operation, parked: message.parked, resume: true, alone: true)
        case .endSilently:
            await settle(task, verdict: .endSilently, telemetry: telemetry(for: task))
        case .join, .acknowledge:
            if task.isKept { await ports.journal.settle(task.key) }
            task.acknowledge()
        case .settle(let outcome):
            await settleAgain(task, outcome, isSettled: situation.entry.isSettled)
        case .fail(let reason):
            ports.logger.warning("Not run again: \(reason.message)", metadata: task.logMetadata)
            await refuse(task, operation, reason)
        }
    }

    private func situation(
        of task: ActiveTask, _ message: IncomingMessage, operation: Operation?
    ) async throws -> IntakeTable.Situation {
        var situation = IntakeTable.Situation()
        situation.entry = try await ports.journal.entry(for: task.key)
        situation.journalIsFresh = ports.journal.isFresh
        situation.redelivered = message.redelivered
        situation.isCancelled =
            isCancelled(task, parked: message.parked) || isCancelled(task, sinceStart: situation.entry)
        situation.isResumable = operation?.isResumable ?? false
        situation.lostJournalPolicy = configuration.lostJournal
        if situation.entry == .unknown, situation.journalIsFresh, situation.redelivered {
            situation.hasRecord = attendance(of: task, telemetry(for: task)) != nil
        }
        return situation
    }

    /// A cancellation reaches what was in the agent's hands before it: here an attempt that was parked then and came back now.
    private func isCancelled(_ task: ActiveTask, parked: ParkedMark?) -> Bool {
        guard let parked else { return false }
        return isCancelled(task, after: parked.cancellationEpoch, countedBy: parked.storeID)
    }

    /// The same for one that was running when an earlier process of this agent died.
    private func isCancelled(_ task: ActiveTask, sinceStart entry: JournalEntry) -> Bool {
        guard case .interrupted(let start) = entry else { return false }
        return isCancelled(
            task, after: start.cancellationEpoch, countedBy: start.storeID ?? ports.cancellations.storeID)
    }

    private func isCancelled(_ task: ActiveTask, after epoch: Int64, countedBy storeID: String) -> Bool {
        guard let executionID = task.envelope.executionID else { return false }
        // An epoch counted by another state directory says nothing here: take every cancellation for a later one.
        let known = storeID == ports.cancellations.storeID ? epoch : 0
        return ports.cancellations.isCancelled(executionID: executionID, after: known)
    }

    /// What the journal calls it when it has it already, as it may have been given a name by itself. Otherwise the body's id; without one the correlation id; with neither, something no other message has.
    private func key(of envelope: TaskEnvelope, _ message: IncomingMessage) -> TaskKey {
        if let key = message.keptAs { return key }
        let correlationID = message.correlationID.flatMap { $0.isEmpty ? nil : $0 }
        let identifier = envelope.id.flatMap { $0.isEmpty ? nil : $0 } ?? correlationID ?? RandomIdentifier.make()
        return TaskKey(
            taskID: identifier, retryNumber: envelope.retryNumber, executionToken: envelope.executionToken)
    }

    private func decode(_ message: IncomingMessage) -> Result<TaskEnvelope, RejectionReason> {
        switch message.body {
        case .oversized(let prefix, let size):
            return .failure(.oversized(prefix: prefix, size: size))
        case .complete(let bytes):
            do throws(EnvelopeError) {
                return .success(try TaskEnvelope(decoding: bytes))
            } catch {
                return .failure(.malformed(bytes, error))
            }
        }
    }
}
