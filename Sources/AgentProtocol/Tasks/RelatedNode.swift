public import Operative

/// The other side of a relationship operation (Cloudify agent protocol, `__cloudify_context.related`).
public struct RelatedNode: Sendable, Hashable {
    /// The id of the node instance.
    public var nodeID: String
    /// The name of the node.
    public var nodeName: String
    /// Whether the related side is the relationship's target, and so the side that runs the operation its source.
    public var isTarget: Bool
    /// The node as a manager would describe it, or a part of that, when the sender includes it.
    public var node: [String: PropertyValue]?
    /// The node instance as a manager would describe it, or a part of that, when the sender includes it.
    public var instance: [String: PropertyValue]?

    /// Creates the other side of a relationship.
    public init(nodeID: String, nodeName: String, isTarget: Bool) {
        self.nodeID = nodeID
        self.nodeName = nodeName
        self.isTarget = isTarget
    }

    /// `nil` when the value does not describe a node instance.
    init?(_ value: PropertyValue) {
        guard let nodeID = value["node_id"]?.stringValue, !nodeID.isEmpty else { return nil }
        self.init(
            nodeID: nodeID, nodeName: value["node_name"]?.stringValue ?? "",
            isTarget: value["is_target"]?.boolValue ?? false)
        node = value["node"]?.objectValue
        instance = value["instance"]?.objectValue
    }
}
