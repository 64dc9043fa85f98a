/// A node of the blueprint.
public struct Node: Sendable {
    let reference: NodeReference
    let scope: OperationScope

    /// The node's id, which is its name in the blueprint.
    public var id: String { reference.nodeID }
    /// The node's name in the blueprint.
    public var name: String { reference.nodeID }

    /// The node's properties as declared in the blueprint. Fetched on first use, then remembered until the operation ends.
    ///
    /// - Throws: the error of the manager or of the connection to it.
    public var properties: [String: PropertyValue] {
        get async throws { try await scope.instance(reference).nodeProperties() }
    }
}
