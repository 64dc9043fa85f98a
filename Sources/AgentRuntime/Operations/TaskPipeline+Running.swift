internal import AgentExecutors
internal import AgentProtocol
internal import AgentSabotage
internal import Logging
internal import Operative

extension TaskPipeline {
    /// Waits for a slot, runs the operation, settles its outcome.
    func run(_ task: ActiveTask, operation: Operation?, parked: ParkedMark?, resume: Bool, alone: Bool = false) async {
        if let parked, parked.remaining > .zero { return await parkAgain(task, parked) }
        let telemetry = telemetry(for: task)
        guard let operation else {
            return await settle(
                task, verdict: .fail(.unknownTask(task.envelope.taskName, registry)), telemetry: telemetry)
        }
        guard operation.isResumable || !(resume || task.envelope.resume) else {
            return await settle(task, verdict: .fail(.notResumable(operation.name)), telemetry: telemetry)
        }
        let hasSlot = await slots.acquire(task.ticket, alone: alone)
        custody.leaveRoom(task)
        guard hasSlot else { return await leaveQueue(task, telemetry) }
        Failpoint.reach(.slotTaken)
        let run = OperationRun(timers: timers, cancellers: cancellers)
        guard task.begin(run) else {
            slots.release(task.ticket)
            return await leaveQueue(task, telemetry)
        }
        do {
            if !Sabotage.isOn(.noStartRecord) { try await ports.journal.start(task.key, task: task.journalled) }
        } catch {
            slots.release(task.ticket)
            ports.logger.error("Task not started: the journal does not take it. \(error)", metadata: task.logMetadata)
            return await handBack(task)
        }
        Failpoint.reach(.started)
        custody.watchStart(of: task)
        if configuration.taskEvents == .agent { telemetry.taskStarted() }
        let result = await execute(operation, task, run, telemetry, resume: resume)
        Failpoint.reach(.ended)
        await finish(task, operation, result, telemetry)
    }

    private func execute(
        _ operation: Operation, _ task: ActiveTask, _ run: OperationRun, _ telemetry: OperationTelemetry, resume: Bool
    ) async -> OperationRun.Result {
        let context = OperationContextFactory.make(
            for: task, operation: operation, run: run, telemetry: telemetry, manager: ports.manager, resume: resume)
        let inputs = OperationInputs { try task.envelope.inputs() }
        let timeout = task.envelope.timeout ?? operation.timeout
        let timer = timeout.map { timeout in
            timers.schedule(after: timeout) { [grace = configuration.timeoutGrace] in
                run.interrupt(.timedOut, grace: grace)
            }
        }
        run.start(on: operationThreads) {
            await perform(operation, in: context, inputs: inputs)
        } onEnd: { [slots, activity] in
            activity.left(task)
            slots.release(task.ticket)
        }
        let result = await run.result()
        slots.endSolitude(task.ticket)
        if let timer { timers.cancel(timer) }
        return result
    }

    private func finish(
        _ task: ActiveTask, _ operation: Operation, _ result: OperationRun.Result, _ telemetry: OperationTelemetry
    ) async {
        if result.outcome == nil {
            activity.abandoned(task)
            ports.logger.warning(
                "Operation ignores cancellation: answered for, still holding its slot", metadata: task.logMetadata)
        }
        switch result.interruption {
        case .cancelled:
            await settle(task, verdict: .endSilently, telemetry: telemetry)
        case .timedOut:
            let timeout = task.envelope.timeout ?? operation.timeout ?? .zero
            let failure = OperationFailure.timedOut(
                after: timeout, isRecoverable: task.envelope.timeoutRecoverable, outcome: result.outcome)
            await settle(task, verdict: verdict(on: .failed(failure), task), telemetry: telemetry)
        case .agentStopping:
            await settleInterrupted(task, operation, result.outcome, telemetry)
        case nil:
            await settle(task, verdict: verdict(on: result.outcome ?? .cancelled, task), telemetry: telemetry)
        }
    }

    func verdict(on outcome: OperationOutcome, _ task: ActiveTask) -> Verdict {
        let attempt = RetryPolicy.Attempt(
            retryNumber: task.envelope.retryNumber, maximumRetries: task.envelope.maxRetries)
        return configuration.retry.verdict(on: outcome, attempt: attempt, canPark: ports.sink.canPark)
    }

    /// The agent stops and the operation was told to end. What it managed to finish counts; what can be resumed goes back to the broker for the next agent.
    private func settleInterrupted(
        _ task: ActiveTask, _ operation: Operation, _ outcome: OperationOutcome?, _ telemetry: OperationTelemetry
    ) async {
        switch outcome {
        case .succeeded, .retry, .stopAgent:
            await settle(task, verdict: verdict(on: outcome ?? .cancelled, task), telemetry: telemetry)
        case .failed, .cancelled, nil:
            guard operation.isResumable else {
                return await settle(
                    task, verdict: .fail(.interrupted(.agentStopped, outcome: outcome)), telemetry: telemetry)
            }
            if !task.isCancelled, await custody.keep(task) {
                // The next start of this agent finds it in the journal and resumes it.
                return await telemetry.flush(within: configuration.flushTimeout)
            }
            guard ports.sink.canPark else {
                return await settle(
                    task, verdict: .fail(.interrupted(.agentStopped, outcome: outcome)), telemetry: telemetry)
            }
            await parkForResumption(task, telemetry)
        }
    }

    /// The journal cannot be written: nothing is taken until it can, and this task goes back to the broker, or stays in the journal.
    func handBack(_ task: ActiveTask) async {
        await storage.stopIntake()
        task.release()
    }

    /// The task gave up its place in the queue: it was cancelled, or the agent is stopping.
    private func leaveQueue(_ task: ActiveTask, _ telemetry: OperationTelemetry) async {
        guard task.isCancelled else { return task.release() }
        await settle(task, verdict: .endSilently, telemetry: telemetry)
    }
}
