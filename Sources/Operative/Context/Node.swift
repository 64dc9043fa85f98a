/// A node of the blueprint. Fetched as a whole on first use, then remembered until the operation ends.
public struct Node: Sendable {
    let reference: NodeReference
    let scope: OperationScope

    /// The node's id, which is its name in the blueprint.
    public var id: String { reference.nodeID }
    /// The node's name in the blueprint.
    public var name: String { reference.nodeID }

    /// The node's properties as declared in the blueprint, functions in them evaluated. They cannot be changed.
    ///
    /// - Throws: the error of the manager or of the connection to it.
    public var properties: [String: PropertyValue] {
        get async throws {
            try await known(record.properties, "The properties")
        }
    }

    /// The node's type.
    ///
    /// - Throws: the error of the manager or of the connection to it; ``NonRecoverableError`` without a manager, unless the task
    ///   brings it.
    public var type: String {
        get async throws { try await known(record.type, "The type") }
    }

    /// The node's type and what it is derived from, the base type first.
    ///
    /// - Throws: as ``type``.
    public var typeHierarchy: [String] {
        get async throws { try await known(record.typeHierarchy, "The type hierarchy") }
    }

    /// How many instances the node has.
    ///
    /// - Throws: as ``type``.
    public var numberOfInstances: Int {
        get async throws { try await known(record.numberOfInstances, "The number of instances") }
    }

    var record: NodeRecord {
        get async throws { try await scope.instance(reference.instanceID).node(reference.nodeID) }
    }

    private func known<Value>(_ value: Value?, _ what: String) throws -> Value {
        guard let value else {
            throw NonRecoverableError(
                "\(what) of the node \(id) is not known: it needs a manager, or a task that brings it.")
        }
        return value
    }
}
