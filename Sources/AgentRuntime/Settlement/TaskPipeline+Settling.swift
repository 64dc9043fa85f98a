internal import AgentProtocol
internal import AgentSabotage
internal import Logging
internal import Operative

extension TaskPipeline {
    /// Sees a verdict through: journal, last log records, reply or requeue, acknowledgement; in this order, so that dying between any two of them loses nothing.
    ///
    /// - Parameter evenIfCancelled: the outcome is told although the task was cancelled.
    func settle(
        _ task: ActiveTask, verdict: Verdict, telemetry: OperationTelemetry, evenIfCancelled: Bool = false
    ) async {
        // Taken in one breath: a cancellation comes either before both, and silences the outcome, or after both, and reaches the parked attempt by its mark.
        let mark = currentMark
        task.beginSettling()
        let verdict = task.isCancelled && !evenIfCancelled ? .endSilently : verdict
        activity.ended(task, as: OutcomeKind(verdict))
        var outcome = storedOutcome(of: verdict, task)
        do {
            let record = task.journalled(mark: outcome.isParked ? mark : task.mark)
            if !Sabotage.isOn(.noOutcomeRecord) {
                try await ports.journal.finish(task.key, task: record, outcome: outcome)
            }
        } catch {
            ports.logger.debug(
                "The journal does not take an outcome; it is sent all the same. \(error)", metadata: task.logMetadata)
            await storage.stopIntake()
        }
        Failpoint.reach(.finished)
        if configuration.taskEvents == .agent { telemetry.taskEnded(verdict) }
        var isOut = await telemetry.flush(within: configuration.flushTimeout)
        Failpoint.reach(.flushed)
        switch await close(task) {
        case .tell:
            // Both wait for the same manager: once it has taken the state, the records get another chance to be there first.
            if !isOut, task.attendance?.storesStates == true, !givingUp.isSet, !Sabotage.isOn(.noFlushAfterClosing) {
                isOut = await telemetry.flushAgain(within: configuration.flushTimeout)
            }
            if !isOut { telemetry.declareLate() }
        case .silence:
            // A crash from here on must not tell it either.
            try? await ports.journal.finish(task.key, task: task.journalled, outcome: .silence)
            outcome = .silence
        case .leave: return
        }
        if await publish(outcome, for: task, mark: mark) {
            Failpoint.reach(outcome.isParked ? .parked : .replied)
            await ports.journal.settle(task.key)
            Failpoint.reach(.settled)
            task.acknowledge()
            Failpoint.reach(.acknowledged)
        }
        if case .stopAgent = verdict { stopRequestedByTask.set() }
    }

    /// Tells a stored outcome again, to the sender of a copy that came later.
    ///
    /// - Parameter isSettled: the broker had it before, so that the manager was told everything too.
    func settleAgain(_ task: ActiveTask, _ stored: StoredOutcome, isSettled: Bool) async {
        task.beginSettling()
        var outcome = stored
        if !isSettled, let manager = attendance(of: task, telemetry(for: task)) {
            switch await closeAgain(task, manager) {
            case .tell: break
            case .silence: outcome = .silence
            case .leave: return
            }
        }
        guard await publish(outcome, for: task, mark: task.mark) else { return }
        await ports.journal.settle(task.key)
        task.acknowledge()
    }

    /// Sends a reply and waits until it is out.
    ///
    /// - Parameters:
    ///   - taskID: the task it answers; nil for what was none.
    ///   - acknowledge: called when the reply has no queue to go to: it is kept on disk then, and whatever it answers is not held up by it.
    /// - Returns: false when the agent stopped first.
    func deliver(_ reply: OutgoingReply, of taskID: String?, acknowledging acknowledge: () -> Void) async -> Bool {
        switch await ports.sink.reply(reply) {
        case .confirmed:
            return true
        case .unroutable:
            await undeliverable.keep(UndeliverableReply(reply: reply, taskID: taskID, reason: .unroutable))
            acknowledge()
            return true
        case .refused:
            await undeliverable.keep(UndeliverableReply(reply: reply, taskID: taskID, reason: .refused))
            let text = "The agent's answer has \(reply.body.count) bytes and the broker does not take it."
            let substitute = OutgoingReply(
                address: reply.address, correlationID: reply.correlationID,
                body: TaskReply.failure(.nonRecoverable(text)).json)
            return await ports.sink.reply(substitute) != .stopped
        case .stopped:
            return false
        }
    }

    private func publish(_ outcome: StoredOutcome, for task: ActiveTask, mark: ParkedMark) async -> Bool {
        switch outcome {
        case .silence:
            return true
        case .reply(let body):
            guard let address = task.replyTo else { return true }
            let reply = OutgoingReply(
                address: address, correlationID: task.correlationID, body: body, hasLateRecords: task.hasLateRecords)
            return await deliver(reply, of: task.key.taskID, acknowledging: task.acknowledge)
        case .retry(let body, let delay):
            return await park(body, after: delay, mark: mark, task: task)
        }
    }

    private func storedOutcome(of verdict: Verdict, _ task: ActiveTask) -> StoredOutcome {
        switch verdict {
        case .succeed(let value):
            .reply(TaskReply.success(value).json)
        case .fail(let failure):
            .reply(TaskReply.failure(ErrorPayload(failure)).json)
        case .answerRetry(let delay, .requested(let message)):
            .reply(TaskReply.failure(.operationRetry(message, retryAfter: delay)).json)
        case .answerRetry(let delay, .failed(let failure)):
            .reply(TaskReply.failure(ErrorPayload(failure.recoverable(after: delay))).json)
        case .park(let delay, _):
            .retry(body: task.envelope.rescheduled(retryNumber: task.envelope.retryNumber + 1), delay: delay)
        case .endSilently:
            task.answersCancellation ? .reply(TaskReply.failure(.cancelled).json) : .silence
        case .stopAgent:
            .reply(TaskReply.stopAgent.json)
        }
    }
}
