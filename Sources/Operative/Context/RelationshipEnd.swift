/// One end of a relationship.
public struct RelationshipEnd: Sendable {
    /// The node at this end.
    public let node: Node
    /// The node instance at this end.
    public let instance: NodeInstance

    init(reference: NodeReference, scope: OperationScope, isReadOnly: Bool = false) {
        node = Node(reference: reference, scope: scope)
        instance = NodeInstance(reference: reference, scope: scope, isReadOnly: isReadOnly)
    }
}
