/// Something that happened to a connection.
public enum AMQPConnectionEvent: Sendable, Hashable {
    /// The connection is usable: logged in and the topology declared.
    case connected(AMQPEndpoint)
    /// The connection ended, or an attempt to connect failed. Another attempt follows by itself.
    case lost(AMQPError)
    /// The broker takes no more messages for now, because it is short of memory or disk.
    case blocked(reason: String)
    /// The broker takes messages again.
    case unblocked
    /// The broker delivers from this queue: for the first time, or again after a reconnect or after it had ended the consumer.
    case consuming(queue: String)
    /// The broker ended a consumer, usually because its queue is gone. It is taken up again by itself.
    case consumerCancelled(tag: String, queue: String)
    /// The broker closed a channel. Publishing and consuming go on by themselves on a new one.
    case channelClosed(AMQPError)
}
