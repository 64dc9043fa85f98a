/// The properties of a message (AMQP 0-9-1, class basic). Every one is optional.
public struct AMQPProperties: Sendable, Hashable {
    /// The MIME type of the body.
    public var contentType: String?
    /// The MIME encoding of the body.
    public var contentEncoding: String?
    /// Application headers.
    public var headers: [String: AMQPFieldValue]?
    /// 1 transient, 2 persistent.
    public var deliveryMode: UInt8?
    /// 0 to 9.
    public var priority: UInt8?
    /// What a reply refers to.
    public var correlationID: String?
    /// The queue that a reply goes to.
    public var replyTo: String?
    /// The time to live in milliseconds, as decimal digits.
    public var expiration: String?
    /// The application's identifier of the message.
    public var messageID: String?
    /// Seconds since 1970.
    public var timestamp: UInt64?
    /// The application's name for the kind of message.
    public var type: String?
    /// The publishing user; the broker refuses any other than the one logged in.
    public var userID: String?
    /// The publishing application.
    public var appID: String?

    /// Creates properties.
    public init(
        contentType: String? = nil, contentEncoding: String? = nil, headers: [String: AMQPFieldValue]? = nil,
        deliveryMode: UInt8? = nil, priority: UInt8? = nil, correlationID: String? = nil, replyTo: String? = nil,
        expiration: String? = nil, messageID: String? = nil, timestamp: UInt64? = nil, type: String? = nil,
        userID: String? = nil, appID: String? = nil
    ) {
        self.contentType = contentType
        self.contentEncoding = contentEncoding
        self.headers = headers
        self.deliveryMode = deliveryMode
        self.priority = priority
        self.correlationID = correlationID
        self.replyTo = replyTo
        self.expiration = expiration
        self.messageID = messageID
        self.timestamp = timestamp
        self.type = type
        self.userID = userID
        self.appID = appID
    }

    /// A persistent message: one that a durable queue keeps over a restart of the broker.
    public static let persistent = AMQPProperties(deliveryMode: 2)
}
