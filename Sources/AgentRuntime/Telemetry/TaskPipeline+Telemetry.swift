internal import AgentProtocol
internal import Operative

extension TaskPipeline {
    func telemetry(for task: ActiveTask) -> OperationTelemetry {
        OperationTelemetry(
            task: task, sink: ports.telemetry, timers: timers,
            backPressure: RecordBackPressure(
                memory: configuration.telemetryBufferBytes, patience: configuration.recordPatience),
            agentLogger: ports.logger, operationLog: ports.operationLog)
    }
}

extension OperationTelemetry {
    func taskStarted() { taskEvent(.started) }

    /// The event that tells how the attempt ended; none for what ends silently.
    func taskEnded(_ verdict: Verdict) {
        switch verdict {
        case .succeed(let value):
            taskEvent(.succeeded(value))
        case .fail(let failure):
            taskEvent(.failed(reason: failure.message, causes: failure.causes.map(ErrorCause.init)))
        case .park(let delay, let reason):
            taskEvent(.rescheduled(reason: reason.message, retryAfter: delay, causes: reason.causes))
        case .answerRetry(let delay, .requested(let message)):
            taskEvent(.rescheduled(reason: message, retryAfter: delay, causes: nil))
        case .answerRetry(_, .failed(let failure)):
            taskEvent(.failed(reason: failure.message, causes: failure.causes.map(ErrorCause.init)))
        case .stopAgent:
            taskEvent(.succeeded(.null))
        case .endSilently:
            break
        }
    }
}

extension Verdict.RetryReason {
    var causes: [ErrorCause]? {
        switch self {
        case .requested: nil
        case .failed(let failure): failure.causes.map(ErrorCause.init)
        }
    }
}
