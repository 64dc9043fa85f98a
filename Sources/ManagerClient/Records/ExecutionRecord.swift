public import Operative

/// An execution of a workflow, as the manager has it.
public struct ExecutionRecord: Sendable, Hashable {
    /// Its id.
    public let id: String
    /// Where it stands, such as `started`, `cancelling` or `cancelled`.
    public let status: String
    /// All that the manager says about it.
    public let fields: [String: PropertyValue]

    /// Whether what belongs to it ends silently (Cloudify agent protocol, 2.3).
    public var isCancelled: Bool { status == "cancelled" }

    init(_ fields: RecordFields) throws(ManagerError) {
        id = try fields.string("id")
        status = try fields.string("status")
        self.fields = fields.members
    }
}
