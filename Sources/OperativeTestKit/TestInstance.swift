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

    /// Creates an instance.
    ///
    /// - Parameters:
    ///   - node: the node's name.
    ///   - id: the instance's id; `nil` makes one from the node's name.
    ///   - properties: the node's properties.
    ///   - runtimeProperties: the instance's runtime properties.
    public init(
        node: String, id: String? = nil, properties: [String: PropertyValue] = [:],
        runtimeProperties: [String: PropertyValue] = [:]
    ) {
        self.node = node
        self.id = id ?? node + "_1"
        self.properties = properties
        self.runtimeProperties = runtimeProperties
    }

    var reference: NodeReference { NodeReference(nodeID: node, instanceID: id) }
}
