import Operative

/// One line that an operation logged (Cloudify agent protocol, logs and events).
public struct LogRecord: Sendable {
    /// What the records of the operation have in common.
    public let context: MessageContext
    /// How important it is.
    public let level: RecordLevel
    /// The text. A zero character in it goes out as U+FFFD, for a manager's database takes none.
    public let message: String
    /// When it was logged.
    public let timestamp: Timestamp

    /// Creates a record.
    public init(context: MessageContext, level: RecordLevel, message: String, timestamp: Timestamp) {
        self.context = context
        self.level = level
        self.message = message
        self.timestamp = timestamp
    }

    /// The message body.
    public var json: [UInt8] {
        var writer = JSONWriter(reservingCapacity: context.logHead.count + message.utf8.count + 128)
        writer.raw(context.logHead)
        switch level {
        case .debug: writer.raw("debug")
        case .info: writer.raw("info")
        case .warning: writer.raw("warning")
        case .error: writer.raw("error")
        case .critical: writer.raw("critical")
        }
        writer.raw("\",\"message\":{\"text\":")
        writer.string(message.withoutZeros)
        writer.raw("},\"timestamp\":")
        timestamp.write(to: &writer)
        writer.raw(",\"message_code\":null,\"type\":\"cloudify_log\"}")
        return writer.bytes
    }
}
