internal import AgentExecutors
internal import AgentProtocol
internal import AgentSabotage
internal import Logging
internal import Operative

extension TaskPipeline {
    /// Waits for a slot, runs the operation, settles its outcome.
    ///
    /// - Parameter isLost: only the manager's record can tell whether the operation was begun before.
    func run(
        _ task: ActiveTask, operation: Operation?, parked: ParkedMark?, resume: Bool, alone: Bool = false,
        isLost: Bool = false
    ) async {
        if let parked, parked.remaining > .zero { return await parkAgain(task, parked) }
        let telemetry = telemetry(for: task)
        let manager = attendance(of: task, telemetry)
        if manager == nil, let failure = refusal(of: operation, task, resume: resume) {
            return await settle(task, verdict: .fail(failure), telemetry: telemetry)
        }
        let hasSlot = await slots.acquire(task.ticket, alone: alone)
        guard hasSlot else {
            custody.leaveRoom(task)
            return await leaveQueue(task, telemetry)
        }
        Failpoint.reach(.slotTaken)
        var resume = resume || task.envelope.resume
        if let manager {
            // With the slot, as what is asked must be true when the operation starts; a manager that comes back meets no more
            // questions at once than there are slots.
            let opening = await open(
                task, manager, operation: operation, isLost: isLost, wasParked: parked != nil, resume: resume)
            guard case .start(let hadBegun, _) = opening else {
                slots.release(task.ticket)
                custody.leaveRoom(task)
                return await end(task, opening, telemetry)
            }
            resume = resume || hadBegun
        }
        custody.leaveRoom(task)
        let run = OperationRun(
            timers: timers, cancellers: cancellers, leastGrace: operation?.terminationGrace ?? .zero)
        guard task.begin(run) else {
            slots.release(task.ticket)
            return await leaveQueue(task, telemetry)
        }
        do {
            if !Sabotage.isOn(.noStartRecord) { try await ports.journal.start(task.key, task: task.journalled) }
        } catch {
            slots.release(task.ticket)
            ports.logger.debug("Task not started: the journal does not take it. \(error)", metadata: task.logMetadata)
            return await handBack(task)
        }
        Failpoint.reach(.started)
        custody.watchStart(of: task)
        if configuration.taskEvents == .agent { telemetry.taskStarted() }
        let result = await execute(operation, task, run, telemetry, resume: resume)
        Failpoint.reach(.ended)
        await finish(task, operation, await handOverFiles(of: task, result), telemetry)
    }

    /// Why the operation cannot run at all; nil when it can.
    private func refusal(of operation: Operation?, _ task: ActiveTask, resume: Bool) -> OperationFailure? {
        guard let operation else { return .unknownTask(task.envelope.taskName, registry) }
        return operation.isResumable || !(resume || task.envelope.resume) ? nil : .notResumable(operation.name)
    }

    /// Answers for a task that was begun before and cannot be resumed.
    func refuse(_ task: ActiveTask, _ operation: Operation?, _ reason: InterruptionReason) async {
        let telemetry = telemetry(for: task)
        let verdict = Verdict.fail(.interrupted(reason))
        guard let manager = attendance(of: task, telemetry) else {
            return await settle(task, verdict: verdict, telemetry: telemetry)
        }
        switch await open(task, manager, operation: operation) {
        case .start, .fail: await settle(task, verdict: verdict, telemetry: telemetry)
        case let opening: await end(task, opening, telemetry)
        }
    }

    /// Ends a task that its manager does not let start.
    private func end(
        _ task: ActiveTask, _ opening: AttendanceTable.Opening, _ telemetry: OperationTelemetry
    ) async {
        switch opening {
        case .start: break
        case .endSilently: await settle(task, verdict: .endSilently, telemetry: telemetry)
        case .handBack: await leaveQueue(task, telemetry)
        case .fail(let failure):
            await settle(task, verdict: verdict(on: .failed(failure), task), telemetry: telemetry)
        }
    }

    private func execute(
        _ operation: Operation?, _ task: ActiveTask, _ run: OperationRun, _ telemetry: OperationTelemetry, resume: Bool
    ) async -> OperationRun.Result {
        let manager = ports.manager
        let attendance = task.attendance
        let failure = refusal(of: operation, task, resume: resume)
        run.start(on: operationThreads) { [timers, grace = configuration.timeoutGrace] in
            var inputs = OperationInputs { try task.envelope.inputs() }
            if let attendance {
                switch await Self.begin(attendance, operation, task.envelope) {
                case .success(let given): inputs = given
                case .failure(let error): return error.outcome
                }
            }
            guard let operation, failure == nil else {
                return .failed(failure ?? .nonRecoverable("There is no operation."))
            }
            attendance?.begin()
            // The time of an attempt is the operation's own.
            let timeout = operation.limitsItsTime ? nil : task.envelope.timeout ?? operation.timeout
            let timer = timeout.map { timers.schedule(after: $0) { run.interrupt(.timedOut, grace: grace) } }
            defer { if let timer { timers.cancel(timer) } }
            let context = OperationContextFactory.make(
                for: task, operation: operation, run: run, telemetry: telemetry, manager: manager, resume: resume,
                preparation: attendance?.preparation)
            return await perform(operation, in: context, inputs: inputs)
        } onEnd: { [slots, activity] in
            activity.left(task)
            slots.release(task.ticket)
        }
        let result = await run.result()
        slots.endSolitude(task.ticket)
        return result
    }

    private func finish(
        _ task: ActiveTask, _ operation: Operation?, _ result: OperationRun.Result, _ telemetry: OperationTelemetry
    ) async {
        if result.outcome == nil {
            activity.abandoned(task)
            ports.logger.warning(
                "Operation ignores cancellation: answered for, still holding its slot", metadata: task.logMetadata)
        }
        switch result.interruption {
        case .cancelled:
            guard let outcome = result.outcome, outcome != .cancelled, operation?.answersAfterCancellation ?? false
            else { return await settle(task, verdict: .endSilently, telemetry: telemetry) }
            await settle(task, verdict: verdict(on: outcome, task), telemetry: telemetry, evenIfCancelled: true)
        case .timedOut:
            let timeout = task.envelope.timeout ?? operation?.timeout ?? .zero
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
        _ task: ActiveTask, _ operation: Operation?, _ outcome: OperationOutcome?, _ telemetry: OperationTelemetry
    ) async {
        if let outcome, task.attendance?.hasBegun == false {
            return await settle(task, verdict: verdict(on: outcome, task), telemetry: telemetry)
        }
        switch outcome {
        case .succeeded, .retry, .stopAgent:
            await settle(task, verdict: verdict(on: outcome ?? .cancelled, task), telemetry: telemetry)
        case .failed, .cancelled, nil:
            guard operation?.isResumable ?? false else {
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

    /// The journal cannot be used: nothing is taken until it can, and this task goes back to the broker, or stays in the journal.
    ///
    /// - Parameter why: in one line; nil for what the journal says itself.
    func handBack(_ task: ActiveTask, because why: String? = nil) async {
        await storage.stopIntake(why)
        task.release()
    }

    /// The task gave up its place in the queue: it was cancelled, or the agent is stopping.
    private func leaveQueue(_ task: ActiveTask, _ telemetry: OperationTelemetry) async {
        guard task.isCancelled else { return task.release() }
        await settle(task, verdict: .endSilently, telemetry: telemetry)
    }
}
