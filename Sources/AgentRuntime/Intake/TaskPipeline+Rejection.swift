internal import AgentProtocol
internal import Logging

extension TaskPipeline {
    /// A message that is no task: one log line, an answer when somebody waits for one, a copy kept for a human, and the next message is served at once.
    func reject(_ message: IncomingMessage, because reason: RejectionReason) async {
        ports.logger.error(
            "Message rejected. \(reason.message)", metadata: ["correlation_id": "\(message.correlationID ?? "none")"])
        await ports.archive.keepRejected(reason.bytes, size: reason.size, reason: reason.message)
        if let address = message.answerAddress {
            let reply = OutgoingReply(
                address: address, correlationID: message.correlationID,
                body: TaskReply.failure(.nonRecoverable(reason.message)).json)
            guard await deliver(reply, of: nil, acknowledging: message.receipt.acknowledge) else { return }
        }
        message.receipt.acknowledge()
    }
}
