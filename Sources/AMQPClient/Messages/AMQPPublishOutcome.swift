/// What became of a published message.
public enum AMQPPublishOutcome: Sendable, Hashable {
    /// The broker has taken responsibility for it.
    case confirmed
    /// No queue took it (only for mandatory messages): the broker's code, usually 312, and text.
    case returned(code: UInt16, text: String)
    /// The broker could not take responsibility for it; it may be sent again.
    case nacked
    /// The broker closes the channel over this very message, or it cannot be encoded: sending it again will fail again until
    /// something changes (the exchange is missing, the user may not write to it).
    case refused(AMQPError)
    /// It was of no use any more when its turn came, and was dropped; the broker may have it nevertheless if the connection broke
    /// after it had been sent.
    case expired
    /// The connection was closed before the broker had confirmed it; the broker may have it nevertheless.
    case stopped
}
