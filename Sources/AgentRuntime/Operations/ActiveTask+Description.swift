internal import AgentProtocol
internal import Logging

extension ActiveTask {
    var logMetadata: Logger.Metadata {
        [
            "task_id": "\(key.taskID)", "retry": "\(key.retryNumber)", "task": "\(envelope.taskName)",
            "execution_id": "\(envelope.executionID ?? "none")",
        ]
    }

    func journalled(isResumable: Bool) -> JournalledTask {
        JournalledTask(
            body: envelope.body, replyTo: replyTo, correlationID: correlationID, executionID: envelope.executionID,
            isResumable: isResumable)
    }
}
