/// A method from the broker, copied out of C memory.
enum IncomingMethod {
    case connectionClose(code: UInt16, text: String)
    case connectionCloseOK
    case connectionBlocked(reason: String)
    case connectionUnblocked
    case channelClose(code: UInt16, text: String)
    case channelCloseOK
    case channelFlow(active: Bool)
    case queueDeclareOK(AMQPQueueInfo)
    /// The number of messages in a deleted or purged queue.
    case messageCount(UInt32)
    case consumeOK(tag: String)
    case cancel(tag: String, needsReply: Bool)
    case deliver(DeliveryMethod)
    case getOK(DeliveryMethod, remaining: UInt32)
    case getEmpty
    case returned(ReturnMethod)
    case acknowledged(number: UInt64, multiple: Bool, nacked: Bool)
    /// A reply without any content that matters, by its method number.
    case done(UInt32)
}

/// What precedes the content of a delivery.
struct DeliveryMethod {
    let tag: UInt64
    let redelivered: Bool
    let exchange: String
    let routingKey: String
}

/// What precedes the content of a message that no queue took.
struct ReturnMethod {
    let code: UInt16
    let text: String
    let exchange: String
    let routingKey: String
}
