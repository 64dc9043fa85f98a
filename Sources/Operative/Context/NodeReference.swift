/// Names one node instance and the node it belongs to.
package struct NodeReference: Sendable, Hashable {
    /// The node, that is its name in the blueprint.
    package let nodeID: String
    /// The instance.
    package let instanceID: String

    package init(nodeID: String, instanceID: String) {
        self.nodeID = nodeID
        self.instanceID = instanceID
    }
}
