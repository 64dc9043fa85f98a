public import Operative

/// A task for the agent itself (Cloudify agent protocol, service tasks).
public struct ServiceTaskEnvelope: Sendable {
    /// What is asked for, such as `ping` or `cancel-operation`.
    public let taskName: String
    /// The arguments; empty when the sender gives none.
    public let kwargs: [String: PropertyValue]

    /// Decodes a message body.
    ///
    /// - Throws: ``EnvelopeError`` for anything but one well-formed JSON object with a service task's name.
    public init(decoding body: [UInt8]) throws(EnvelopeError) {
        let message: PropertyValue
        do {
            message = try PropertyValue(json: body)
        } catch {
            throw EnvelopeError(.notJSON, offset: error.offset, reason: "not valid JSON: \(error.reason)")
        }
        guard let members = message.objectValue else {
            throw EnvelopeError(.notAnObject, reason: "expected a JSON object")
        }
        let task = try Self.required(members["service_task"], "service_task")
        guard task.objectValue != nil else {
            throw EnvelopeError(.wrongType, field: "service_task", reason: "expected an object")
        }
        guard let name = try Self.required(task["task_name"], "service_task.task_name").stringValue else {
            throw EnvelopeError(.wrongType, field: "service_task.task_name", reason: "expected a string")
        }
        let kwargs = task["kwargs"] ?? .null
        guard kwargs.isNull || kwargs.objectValue != nil else {
            throw EnvelopeError(.wrongType, field: "service_task.kwargs", reason: "expected an object")
        }
        taskName = name
        self.kwargs = kwargs.objectValue ?? [:]
    }

    private static func required(_ value: PropertyValue?, _ field: String) throws(EnvelopeError) -> PropertyValue {
        guard let value, !value.isNull else {
            throw EnvelopeError(.missingField, field: field, reason: "required, but missing")
        }
        return value
    }
}
