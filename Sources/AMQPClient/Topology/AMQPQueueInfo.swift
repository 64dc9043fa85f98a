/// What the broker says about a queue when it is declared.
public struct AMQPQueueInfo: Sendable, Hashable {
    /// The name, also one that the broker chose.
    public let name: String
    /// The messages that are ready for delivery.
    public let messageCount: Int
    /// The consumers.
    public let consumerCount: Int
}
