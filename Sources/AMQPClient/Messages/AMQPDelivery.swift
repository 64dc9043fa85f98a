/// A message that the broker has handed over and still owns.
///
/// It must be acknowledged or rejected; otherwise it counts against the prefetch limit until the connection ends, and is then
/// delivered again. After a reconnect, settling a delivery of before does nothing: the broker delivers it once more.
public struct AMQPDelivery: Sendable {
    /// Shared, so that handing a delivery around costs one reference.
    private final class Storage: Sendable {
        let body: AMQPBody
        let properties: AMQPProperties
        let method: DeliveryMethod
        let consumerTag: String
        let channel: UInt16
        let generation: UInt64
        let mailbox: Mailbox

        init(
            body: AMQPBody, properties: AMQPProperties, method: DeliveryMethod, consumerTag: String, channel: UInt16,
            generation: UInt64, mailbox: Mailbox
        ) {
            self.body = body
            self.properties = properties
            self.method = method
            self.consumerTag = consumerTag
            self.channel = channel
            self.generation = generation
            self.mailbox = mailbox
        }
    }

    private let storage: Storage

    init(
        body: AMQPBody, properties: AMQPProperties, method: DeliveryMethod, consumerTag: String, channel: UInt16,
        generation: UInt64, mailbox: Mailbox
    ) {
        storage = Storage(
            body: body, properties: properties, method: method, consumerTag: consumerTag, channel: channel,
            generation: generation, mailbox: mailbox)
    }

    /// The body.
    public var body: AMQPBody { storage.body }
    /// The properties.
    public var properties: AMQPProperties { storage.properties }
    /// What the message replies or refers to.
    public var correlationID: String? { storage.properties.correlationID }
    /// The queue that a reply goes to.
    public var replyTo: String? { storage.properties.replyTo }
    /// The exchange it was published to.
    public var exchange: String { storage.method.exchange }
    /// The routing key it was published with.
    public var routingKey: String { storage.method.routingKey }
    /// The consumer it was delivered to; empty for a message that was fetched.
    public var consumerTag: String { storage.consumerTag }
    /// Whether it may have been delivered before.
    public var redelivered: Bool { storage.method.redelivered }

    /// Tells the broker that it may forget the message. Returns at once; the I/O thread sends it, together with others.
    public func acknowledge() { settle(.acknowledge) }

    /// Gives the message back.
    ///
    /// - Parameter requeue: True to have it delivered again; false to have it dead-lettered or dropped.
    public func reject(requeue: Bool) { settle(requeue ? .requeue : .reject) }

    private func settle(_ kind: Mailbox.Settlement.Kind) {
        storage.mailbox.post(
            Mailbox.Settlement(
                generation: storage.generation, tag: storage.method.tag, channel: storage.channel, kind: kind))
    }
}
