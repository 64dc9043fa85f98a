public import Operative

/// A task of a stored workflow, as the manager has it.
public struct OperationRecord: Sendable, Hashable {
    /// Where it stands, such as `sent`, `started` or `response-sent`.
    public let state: String
    /// All that the manager says about it.
    public let fields: [String: PropertyValue]

    /// Whether an agent has begun with it before.
    public var isStarted: Bool { state == "started" }

    init(_ fields: RecordFields) throws(ManagerError) {
        state = try fields.string("state")
        self.fields = fields.members
    }
}
