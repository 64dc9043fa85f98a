/// A queue to declare.
public struct AMQPQueue: Sendable, Hashable {
    /// The name, at most 255 bytes; empty lets the broker choose one.
    public var name: String
    /// Whether it survives a restart of the broker.
    public var durable: Bool
    /// Whether only this connection may use it; it goes with the connection.
    public var exclusive: Bool
    /// Whether it goes when its last consumer goes.
    public var autoDelete: Bool
    /// Arguments such as `x-queue-type` or `x-message-ttl`.
    public var arguments: [String: AMQPFieldValue]

    /// Creates a queue.
    public init(
        name: String, durable: Bool = true, exclusive: Bool = false, autoDelete: Bool = false,
        arguments: [String: AMQPFieldValue] = [:]
    ) {
        self.name = name
        self.durable = durable
        self.exclusive = exclusive
        self.autoDelete = autoDelete
        self.arguments = arguments
    }
}
