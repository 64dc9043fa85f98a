/// A message to publish.
public struct AMQPMessage: Sendable, Hashable {
    /// The exchange; empty for the default exchange, which routes to the queue named by ``routingKey``.
    public var exchange: String
    /// The routing key.
    public var routingKey: String
    /// The body.
    public var body: [UInt8]
    /// The properties. A message is transient unless ``AMQPProperties/deliveryMode`` is 2.
    public var properties: AMQPProperties
    /// Whether the broker must hand the message back when no queue takes it.
    public var mandatory: Bool

    /// Creates a message.
    public init(
        exchange: String = "", routingKey: String, body: [UInt8],
        properties: AMQPProperties = .persistent, mandatory: Bool = true
    ) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.body = body
        self.properties = properties
        self.mandatory = mandatory
    }

    /// Why the message cannot be encoded, or nil. Called for every message, so the common case takes no detour.
    func problem() -> AMQPError? {
        func fits(_ text: String?) -> Bool { (text?.utf8.count ?? 0) <= 255 }
        let fits =
            fits(exchange) && fits(routingKey) && fits(properties.contentType) && fits(properties.contentEncoding)
            && fits(properties.correlationID) && fits(properties.replyTo) && fits(properties.expiration)
            && fits(properties.messageID) && fits(properties.type) && fits(properties.userID) && fits(properties.appID)
        if fits, properties.headers == nil { return nil }
        do throws(AMQPError) {
            try Limits.check(
                [
                    "exchange": exchange, "routing key": routingKey, "content type": properties.contentType ?? "",
                    "content encoding": properties.contentEncoding ?? "",
                    "correlation id": properties.correlationID ?? "",
                    "reply-to": properties.replyTo ?? "", "expiration": properties.expiration ?? "",
                    "message id": properties.messageID ?? "", "type": properties.type ?? "",
                    "user id": properties.userID ?? "", "app id": properties.appID ?? "",
                ], properties.headers ?? [:])
            return nil
        } catch {
            return error
        }
    }
}
