internal import AgentProtocol
internal import Operative

extension TaskPipeline {
    func telemetry(for task: ActiveTask) -> OperationTelemetry {
        OperationTelemetry(
            envelope: task.envelope, taskID: task.key.taskID, sink: ports.telemetry, timers: timers,
            bufferBytes: configuration.telemetryBufferBytes, agentLogger: ports.logger)
    }
}

extension OperationTelemetry {
    func taskStarted() { taskEvent(.started) }

    /// The event that tells how the attempt ended; none for what ends silently.
    func taskEnded(_ verdict: Verdict) {
        switch verdict {
        case .succeed(let value):
            taskEvent(.succeeded(result: value))
        case .fail(let failure):
            taskEvent(.failed(message: failure.message, causes: failure.causes))
        case .park(let delay, let reason):
            taskEvent(.rescheduled(message: reason.message, retryAfter: delay, causes: reason.causes))
        case .answerRetry(let delay, .requested(let message)):
            taskEvent(.rescheduled(message: message, retryAfter: delay, causes: []))
        case .answerRetry(_, .failed(let failure)):
            taskEvent(.failed(message: failure.message, causes: failure.causes))
        case .stopAgent:
            taskEvent(.succeeded(result: .null))
        case .endSilently:
            break
        }
    }
}

extension Verdict.RetryReason {
    var causes: [OperationFailure.Cause] {
        switch self {
        case .requested: []
        case .failed(let failure): failure.causes
        }
    }
}
