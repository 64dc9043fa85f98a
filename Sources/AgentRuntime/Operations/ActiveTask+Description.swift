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
        JournalledTask(
            name: envelope.taskName, body: envelope.body, replyTo: replyTo, correlationID: correlationID,
            executionID: envelope.executionID, answersCancellation: answersCancellation, mark: mark)
    }
}
