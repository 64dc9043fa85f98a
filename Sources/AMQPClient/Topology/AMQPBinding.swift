/// A binding of a queue, or of another exchange, to an exchange.
public struct AMQPBinding: Sendable, Hashable {
    /// What the messages go to.
    public enum Destination: Sendable, Hashable {
        /// A queue.
        case queue(String)
        /// An exchange.
        case exchange(String)
    }

    /// What the messages go to.
    public var destination: Destination
    /// The exchange they come from.
    public var exchange: String
    /// The key that must match.
    public var routingKey: String
    /// Arguments, as the headers exchange needs them.
    public var arguments: [String: AMQPFieldValue]

    /// Binds a queue to an exchange.
    public init(queue: String, exchange: String, routingKey: String = "", arguments: [String: AMQPFieldValue] = [:]) {
        self.init(destination: .queue(queue), exchange: exchange, routingKey: routingKey, arguments: arguments)
    }

    /// Binds a destination to an exchange.
    public init(
        destination: Destination, exchange: String, routingKey: String = "", arguments: [String: AMQPFieldValue] = [:]
    ) {
        self.destination = destination
        self.exchange = exchange
        self.routingKey = routingKey
        self.arguments = arguments
    }
}
