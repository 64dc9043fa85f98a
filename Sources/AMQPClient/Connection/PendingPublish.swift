/// A message that waits to be sent, or to be confirmed. One object for its whole way, so that moving it costs nothing.
final class PendingPublish: Sendable {
    let message: AMQPMessage
    /// From then on it is not sent any more; nil when it always is.
    let expiry: MonotonicTime?
    let completion: @Sendable (AMQPPublishOutcome) -> Void

    init(
        _ message: AMQPMessage, expiry: MonotonicTime? = nil,
        _ completion: @escaping @Sendable (AMQPPublishOutcome) -> Void
    ) {
        self.message = message
        self.expiry = expiry
        self.completion = completion
    }

    /// What the message counts against the outbox limit: its body and a guess of everything around it.
    var cost: Int { message.body.count + 256 }

    /// Whether it is too late to send it.
    var hasExpired: Bool { expiry.map { $0 <= .now } ?? false }
}
