public import Operative

/// A node instance for tests, with what an operation finds there.
public struct TestInstance: Sendable, Hashable {
    /// The node's name.
    public var node: String
    /// The instance's id.
    public var id: String
    /// The node's properties.
    public var properties: [String: PropertyValue]
    /// The instance's runtime properties before the operation.
    public var runtimeProperties: [String: PropertyValue]
    /// The node's type and what it is derived from, the base type first.
    public var typeHierarchy = ["cloudify.nodes.Root"]
    /// How many instances the node has.
    public var numberOfInstances = 1
    /// Which of them this is, from 1.
    public var index = 1
    /// The id of the instance of the machine it is on; nil for none.
    public var host: String?
    /// Its relationships.
    public var relationships: [TestRelationship] = []
    /// The names of the scaling groups it belongs to, by the id of the group's instance.
    public var scalingGroups: [String: String] = [:]
    /// What the last successful check found to differ from the blueprint; nil for nothing.
    public var drift: PropertyValue?

    /// Creates an instance.
    ///
    /// - Parameters:
    ///   - node: the node's name.
    ///   - id: the instance's id; `nil` makes one from the node's name.
    ///   - properties: the node's properties.
    ///   - runtimeProperties: the instance's runtime properties.
    ///   - relationships: see ``relationships``.
    public init(
        node: String, id: String? = nil, properties: [String: PropertyValue] = [:],
        runtimeProperties: [String: PropertyValue] = [:], relationships: [TestRelationship] = []
    ) {
        self.node = node
        self.id = id ?? node + "_1"
        self.properties = properties
        self.runtimeProperties = runtimeProperties
        self.relationships = relationships
    }

    var reference: NodeReference { NodeReference(nodeID: node, instanceID: id) }

    var nodeRecord: NodeRecord {
        NodeRecord(
            id: node, properties: properties, type: typeHierarchy.last ?? "", typeHierarchy: typeHierarchy,
            numberOfInstances: numberOfInstances,
            relationships: relationships.map { .init(type: $0.type, typeHierarchy: $0.typeHierarchy) })
    }

    var record: NodeInstanceRecord {
        NodeInstanceRecord(
            id: id, nodeID: node, version: 1, runtimeProperties: runtimeProperties,
            systemProperties: drift.map { ["configuration_drift": ["ok": true, "result": $0]] } ?? [:],
            hostID: host, index: index,
            relationships: relationships.map {
                .init(type: $0.type, target: NodeReference(nodeID: $0.targetNode, instanceID: $0.target))
            },
            scalingGroups: scalingGroups.sorted { $0.key < $1.key }.map { ScalingGroup(id: $0.key, name: $0.value) })
    }
}
