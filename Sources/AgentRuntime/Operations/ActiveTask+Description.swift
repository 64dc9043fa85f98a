internal import AgentProtocol
internal import Logging

extension ActiveTask {
    var logMetadata: Logger.Metadata {
        [
            "task_id": "\(key.taskID)", "retry": "\(key.retryNumber)", "task": "\(envelope.taskName)",
            "execution_id": "\(envelope.executionID ?? "none")",
        ]
    }

    var journalled: JournalledTask { journalled(mark: mark) }

    func journalled(mark: ParkedMark) -> JournalledTask {
        let body =
            isResumed ? envelope.rescheduled(retryNumber: envelope.retryNumber, resume: true) : envelope.body
        return JournalledTask(
            name: envelope.taskName, body: body, replyTo: replyTo, correlationID: correlationID,
            executionID: envelope.executionID, answersCancellation: answersCancellation, mark: mark)
    }
}
