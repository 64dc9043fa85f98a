internal import AgentExecutors
internal import AgentProtocol
internal import Logging
internal import Operative

/// What goes between the agent and a task's manager around the operation.
extension TaskPipeline {
    /// How long a cancelled operation's files and state may take to reach the manager: nobody waits for them.
    private static var patienceAfterCancellation: Duration { .seconds(10) }

    func attendance(of task: ActiveTask, _ telemetry: OperationTelemetry) -> (any OperationAttendance)? {
        ports.manager.attendance { telemetry.context }
    }

    /// Asks the manager whether and how the operation is to start. Nothing of it is in the journal yet, so the wait may end at any time.
    func open(
        _ task: ActiveTask, _ manager: any OperationAttendance, operation: Operation?, isLost: Bool = false,
        wasParked: Bool = false, resume: Bool = false
    ) async -> AttendanceTable.Opening {
        let policy = configuration.lostJournal
        let isResumable = operation?.isResumable ?? false
        let (opening, preparation) = await attending(task, endsWithIntake: true) {
            () async -> (AttendanceTable.Opening, OperationPreparation?) in
            let execution = await result { () async throws(AttendanceError) in try await manager.executionStatus() }
            if let opening = AttendanceTable.opening(execution: execution) { return (opening, nil) }
            var preparation: OperationPreparation?
            do {
                let raw = OperationTask(task, resume: resume, preparation: nil)
                preparation = try await operation?.prepare?(raw)
            } catch {
                return (Self.opening(unprepared: error), nil)
            }
            if preparation?.keepsRecord ?? false, !isLost {
                return (.start(resume: false, storesStates: true), preparation)
            }
            let record = await result { () async throws(AttendanceError) in try await manager.recordedState() }
            let opening = AttendanceTable.opening(
                record: record, isLost: isLost, wasParked: wasParked, policy: policy, isResumable: isResumable)
            return (opening, preparation)
        }
        if case .start(_, let storesStates) = opening {
            task.attend(Attendance(manager: manager, storesStates: storesStates, preparation: preparation))
        }
        return opening
    }

    private static func opening(unprepared error: any Error) -> AttendanceTable.Opening {
        if Task.isCancelled { return .handBack }
        let failure = OperationFailure(error)
        // The agent itself has failed it: there is no other error behind this one.
        return .fail(
            OperationFailure(
                kind: failure.kind, typeName: failure.typeName, message: failure.message,
                causes: failure.causes.dropLast(), known: failure.known))
    }

    /// What comes before the operation's first instruction, on the operation's own task.
    ///
    /// - Returns: the inputs, or what the attempt ends with instead.
    static func begin(
        _ attendance: Attendance, _ operation: Operation?, _ envelope: TaskEnvelope
    ) async -> Result<OperationInputs, BeginError> {
        let manager = attendance.manager
        do throws(AttendanceError) {
            if attendance.storesStates { try await manager.store(.started) }
            if !attendance.isLeftToOperation { try await manager.fetchFiles() }
            guard manager.hasFunctions, !(operation?.evaluatesInputsItself ?? false) else {
                return .success(OperationInputs { try envelope.inputs() })
            }
            let given: [String: PropertyValue]
            do {
                given = try envelope.inputs()
            } catch {
                throw .failed(OperationFailure(error))
            }
            let inputs = try await manager.evaluate(given)
            return .success(OperationInputs { inputs })
        } catch {
            return .failure(BeginError(error))
        }
    }

    /// Hands over files; what cannot be handed over fails an operation that had not failed by itself.
    func handOverFiles(of task: ActiveTask, _ ended: OperationRun.Result) async -> OperationRun.Result {
        guard let attendance = task.attendance, attendance.hasBegun, !attendance.isLeftToOperation else { return ended }
        let isCancelled = ended.interruption == .cancelled || task.isCancelled
        let manager = attendance.manager
        let handedOver = await attending(task, within: isCancelled ? Self.patienceAfterCancellation : nil) {
            await result { () async throws(AttendanceError) in try await manager.handOverFiles() }
        }
        guard case .failure(let error) = handedOver else { return ended }
        ports.logger.warning("Files of a deployment are not handed over: \(error)", metadata: task.logMetadata)
        guard !isCancelled else { return ended }
        var changed = ended
        switch (error, ended.outcome) {
        case (.tokenRefused, _): changed.outcome = .cancelled
        case (.interrupted, .succeeded), (.interrupted, .retry): changed.outcome = .failed(.filesNotHandedOver)
        case (.failed(let failure), .succeeded), (.failed(let failure), .retry): changed.outcome = .failed(failure)
        default: break
        }
        return changed
    }

    /// Tells the manager that the outcome is about to be told.
    func close(_ task: ActiveTask) async -> AttendanceTable.Closing {
        guard let attendance = task.attendance, attendance.storesStates, !attendance.isLeftToOperation else {
            return .tell
        }
        let patience = task.isCancelled ? Self.patienceAfterCancellation : nil
        let manager = attendance.manager
        let stored = await attending(task, within: patience) {
            await result { () async throws(AttendanceError) in try await manager.store(.responseSent) }
        }
        return closing(stored, task)
    }

    /// The same for an outcome that an earlier process has not got out: the manager's record says whether it was told.
    func closeAgain(_ task: ActiveTask, _ manager: any OperationAttendance) async -> AttendanceTable.Closing {
        let stored = await attending(task) {
            await result { () async throws(AttendanceError) in
                if try await manager.recordedState() == .started { try await manager.store(.responseSent) }
            }
        }
        return closing(stored, task)
    }

    private func closing(_ stored: Result<Void, AttendanceError>, _ task: ActiveTask) -> AttendanceTable.Closing {
        if case .failure(.failed(let failure)) = stored {
            ports.logger.warning(
                "The manager does not take the operation's state: \(failure.message)", metadata: task.logMetadata)
        }
        return AttendanceTable.closing(stored)
    }

    /// Waits for the manager, as long as the task is wanted and the agent can wait.
    ///
    /// - Parameters:
    ///   - limit: how long at the most.
    ///   - endsWithIntake: whether the wait ends as soon as the agent is told to stop.
    private func attending<Answer: Sendable>(
        _ task: ActiveTask, within limit: Duration? = nil, endsWithIntake: Bool = false,
        _ body: @escaping @Sendable () async -> Answer
    ) async -> Answer {
        let work = Task(executorPreference: loop) { await body() }
        task.wait { work.cancel() }
        if endsWithIntake && stopping.isSet || givingUp.isSet { work.cancel() }
        let timer = limit.map { timers.schedule(after: $0) { work.cancel() } }
        let answer = await work.value
        task.endWait()
        if let timer { timers.cancel(timer) }
        return answer
    }
}

/// Why an operation's first instruction is not reached.
struct BeginError: Error {
    let outcome: OperationOutcome

    init(_ error: AttendanceError) {
        outcome =
            switch error {
            case .tokenRefused: .cancelled
            case .interrupted: .failed(.notBegun)
            case .failed(let failure): .failed(failure)
            }
    }
}

private func result<Value: Sendable>(
    _ body: () async throws(AttendanceError) -> Value
) async -> Result<Value, AttendanceError> {
    do throws(AttendanceError) {
        return .success(try await body())
    } catch {
        return .failure(error)
    }
}
