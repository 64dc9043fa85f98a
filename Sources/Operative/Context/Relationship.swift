/// A relationship of a node instance to another.
public struct Relationship: Sendable {
    private let record: NodeInstanceRecord.Relationship
    private let owner: Node

    /// The node and the node instance it points to. They can be read, not changed.
    public let target: RelationshipEnd

    init(record: NodeInstanceRecord.Relationship, owner: Node, scope: OperationScope) {
        self.record = record
        self.owner = owner
        target = RelationshipEnd(reference: record.target, scope: scope, isReadOnly: true)
    }

    /// The relationship's type.
    public var type: String { record.type }

    /// The relationship's type and what it is derived from, the base type first.
    ///
    /// - Throws: the manager's error; ``NonRecoverableError`` when the node knows of no such relationship.
    public var typeHierarchy: [String] {
        get async throws {
            guard let known = try await owner.record.relationships.first(where: { $0.type == type }) else {
                throw NonRecoverableError(
                    "The type hierarchy of \(type) is not known: it needs a manager, or a task that brings the node \(owner.id)."
                )
            }
            return known.typeHierarchy
        }
    }
}
