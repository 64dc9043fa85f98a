public import Operative

/// Something that happened in an operation (Cloudify agent protocol, logs and events).
public struct EventRecord: Sendable {
    /// What the records of the operation have in common.
    public let context: MessageContext
    /// The kind of event, such as `plugin_event` or `task_started`.
    public let eventType: String
    /// The text. A zero character in it goes out as U+FFFD, for a manager's database takes none.
    public let message: String
    /// Details for programs; `nil` becomes null.
    public let arguments: [String: PropertyValue]?
    /// When it happened.
    public let timestamp: Timestamp

    /// Members that only events of this type add to the context, with their leading comma.
    let extraMembers: [UInt8]

    /// Creates an event.
    public init(
        context: MessageContext, eventType: String, message: String, arguments: [String: PropertyValue]? = nil,
        timestamp: Timestamp
    ) {
        self.init(
            context: context, eventType: eventType, message: message, arguments: arguments, timestamp: timestamp,
            extraMembers: [])
    }

    /// An event that a plugin sent.
    public static func plugin(_ message: String, context: MessageContext, timestamp: Timestamp) -> EventRecord {
        EventRecord(context: context, eventType: "plugin_event", message: message, timestamp: timestamp)
    }

    init(
        context: MessageContext, eventType: String, message: String, arguments: [String: PropertyValue]?,
        timestamp: Timestamp, extraMembers: [UInt8]
    ) {
        self.context = context
        self.eventType = eventType
        self.message = message
        self.arguments = arguments
        self.timestamp = timestamp
        self.extraMembers = extraMembers
    }

    /// The message body.
    public var json: [UInt8] {
        let capacity = context.members.count + extraMembers.count + message.utf8.count + 192
        var writer = JSONWriter(reservingCapacity: capacity)
        writer.raw("{\"event_type\":")
        writer.string(eventType)
        writer.raw(",\"context\":{")
        writer.raw(context.members)
        writer.raw(extraMembers)
        writer.raw("},\"message\":{\"text\":")
        writer.string(message.withoutZeros)
        writer.raw(",\"arguments\":")
        if let arguments { writer.object(arguments) } else { writer.raw("null") }
        writer.raw("},\"timestamp\":")
        timestamp.write(to: &writer)
        writer.raw(",\"message_code\":null,\"type\":\"cloudify_event\"}")
        return writer.bytes
    }
}
