/// What must exist before consuming and publishing make sense.
///
/// Declared again after every reconnect, in this order: exchanges, queues, bindings.
public struct AMQPTopology: Sendable, Hashable {
    /// The exchanges.
    public var exchanges: [AMQPExchange]
    /// The queues.
    public var queues: [AMQPQueue]
    /// The bindings.
    public var bindings: [AMQPBinding]

    /// Creates a topology.
    public init(exchanges: [AMQPExchange] = [], queues: [AMQPQueue] = [], bindings: [AMQPBinding] = []) {
        self.exchanges = exchanges
        self.queues = queues
        self.bindings = bindings
    }
}
