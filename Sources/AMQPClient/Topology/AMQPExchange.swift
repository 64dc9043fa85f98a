/// An exchange to declare.
public struct AMQPExchange: Sendable, Hashable {
    /// The name, at most 255 bytes.
    public var name: String
    /// `direct`, `fanout`, `topic`, `headers`, or one that a plugin of the broker adds.
    public var type: String
    /// Whether it survives a restart of the broker.
    public var durable: Bool
    /// Whether it goes when its last binding goes.
    public var autoDelete: Bool
    /// Whether only other exchanges may publish to it.
    public var isInternal: Bool
    /// Arguments such as `alternate-exchange`.
    public var arguments: [String: AMQPFieldValue]

    /// Creates an exchange.
    public init(
        name: String, type: String = "direct", durable: Bool = true, autoDelete: Bool = false, isInternal: Bool = false,
        arguments: [String: AMQPFieldValue] = [:]
    ) {
        self.name = name
        self.type = type
        self.durable = durable
        self.autoDelete = autoDelete
        self.isInternal = isInternal
        self.arguments = arguments
    }
}
