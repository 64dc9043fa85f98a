/// A relationship of an instance in a test.
public struct TestRelationship: Sendable, Hashable {
    /// The type.
    public var type: String
    /// The type and what it is derived from, the base type first.
    public var typeHierarchy: [String]
    /// The node it points to.
    public var targetNode: String
    /// The node instance it points to.
    public var target: String

    /// Creates a relationship.
    ///
    /// - Parameters:
    ///   - type: the type.
    ///   - target: what it points to; give it to the environment too, among its other instances.
    ///   - typeHierarchy: see ``typeHierarchy``; nil for the type alone.
    public init(_ type: String, to target: TestInstance, typeHierarchy: [String]? = nil) {
        self.type = type
        self.typeHierarchy = typeHierarchy ?? [type]
        targetNode = target.node
        self.target = target.id
    }
}
