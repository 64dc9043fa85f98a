/// An operation as the manager has recorded it.
public struct OperationRecord: Sendable, Hashable {
    /// Everything that the manager says, by the names of its REST API.
    public let fields: [String: PropertyValue]

    package init(_ fields: [String: PropertyValue]) { self.fields = fields }

    /// The id, which is that of the task; nil when the manager does not say, as for everything below.
    public var id: String? { fields["id"]?.stringValue }
    /// The name.
    public var name: String? { fields["name"]?.stringValue }
    /// How far it is.
    public var state: OperationState? { fields["state"]?.stringValue.map(OperationState.init(rawValue:)) }
}
