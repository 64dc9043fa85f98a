/// How to consume from a queue.
public struct AMQPConsumer: Sendable, Hashable {
    /// The queue.
    public var queue: String
    /// The most messages that may be delivered and not yet acknowledged; 0 for no limit.
    public var prefetch: Int
    /// Whether to refuse when the queue has another consumer, and to keep others out.
    public var exclusive: Bool
    /// The tag shown in the broker's management pages. Empty: the broker chooses one.
    public var tag: String
    /// Arguments such as `x-priority`.
    public var arguments: [String: AMQPFieldValue]

    /// Creates a consumer.
    public init(
        queue: String, prefetch: Int, exclusive: Bool = false, tag: String = "",
        arguments: [String: AMQPFieldValue] = [:]
    ) {
        self.queue = queue
        self.prefetch = prefetch
        self.exclusive = exclusive
        self.tag = tag
        self.arguments = arguments
    }
}
