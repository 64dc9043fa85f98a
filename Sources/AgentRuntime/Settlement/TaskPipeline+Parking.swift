internal import AgentExecutors
internal import AgentProtocol
internal import Logging
internal import Operative

extension TaskPipeline {
    /// What an attempt that is parked now must carry.
    var currentMark: ParkedMark {
        ParkedMark(storeID: ports.cancellations.storeID, cancellationEpoch: ports.cancellations.currentEpoch)
    }

    /// A delay longer than one stay in the broker: the attempt is not due yet and goes back for the rest of it, as what it was.
    func parkAgain(_ task: ActiveTask, _ mark: ParkedMark) async {
        var rest = mark
        rest.remaining = .zero
        task.beginSettling()
        guard await park(task.envelope.body, after: mark.remaining, mark: rest, task: task) else { return }
        // The broker has it again; the journal may have taken it over meanwhile.
        if task.isKept { await ports.journal.settle(task.key) }
        task.acknowledge()
    }

    /// An operation that the agent's stop interrupted and that can be resumed goes back at once, marked as begun.
    func parkForResumption(_ task: ActiveTask, _ telemetry: OperationTelemetry) async {
        let mark = currentMark
        task.beginSettling()
        guard !task.isCancelled else { return await settle(task, verdict: .endSilently, telemetry: telemetry) }
        activity.ended(task, as: .handedOn)
        if await !telemetry.flush(within: configuration.flushTimeout) { telemetry.declareLate() }
        let body = task.envelope.rescheduled(retryNumber: task.envelope.retryNumber, resume: true)
        if await park(body, after: .zero, mark: mark, task: task) { task.acknowledge() }
    }

    /// Puts an attempt aside in the broker.
    ///
    /// - Returns: false when the agent stopped before the broker had it.
    func park(_ body: [UInt8], after delay: Duration, mark: ParkedMark, task: ActiveTask) async -> Bool {
        let attempt = ParkedAttempt(
            body: body, replyTo: task.replyTo, correlationID: task.correlationID,
            answersCancellation: task.answersCancellation, delay: delay, mark: mark)
        switch await ports.sink.park(attempt) {
        case .confirmed:
            return true
        case .unroutable, .refused:
            // The broker took the delay queue away and lets nobody make it anew. Whoever sent the task can still wait instead.
            ports.logger.error(
                "The broker keeps no delayed messages any more: the retry is answered instead",
                metadata: task.logMetadata)
            guard let address = task.replyTo else {
                // Nobody waits for an answer: only the broker can keep the task.
                await timers.sleep(for: .seconds(5))
                return await park(body, after: delay, mark: mark, task: task)
            }
            let payload = ErrorPayload.operationRetry("The agent cannot wait for this retry itself.", retryAfter: delay)
            let reply = OutgoingReply(
                address: address, correlationID: task.correlationID, body: TaskReply.failure(payload).json)
            // From now on this is the outcome: an attempt that is answered must never be parked as well.
            try? await ports.journal.finish(task.key, task: task.journalled, outcome: .reply(reply.body))
            return await deliver(reply, of: task.key.taskID, acknowledging: task.acknowledge)
        case .stopped:
            return false
        }
    }
}
