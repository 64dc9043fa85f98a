/// A message that waits to be sent, or to be confirmed. One object for its whole way, so that moving it costs nothing.
final class PendingPublish: Sendable {
    let message: AMQPMessage
    let completion: @Sendable (AMQPPublishOutcome) -> Void

    init(_ message: AMQPMessage, _ completion: @escaping @Sendable (AMQPPublishOutcome) -> Void) {
        self.message = message
        self.completion = completion
    }

    /// What the message counts against the outbox limit: its body and a guess of everything around it.
    var cost: Int { message.body.count + 256 }
}
