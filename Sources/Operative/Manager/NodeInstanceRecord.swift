/// A node instance as the manager describes it. What is nil is not known to whoever answers.
package struct NodeInstanceRecord: Sendable, Hashable {
    /// One of the instance's relationships.
    package struct Relationship: Sendable, Hashable {
        package var type: String
        package var target: NodeReference

        package init(type: String, target: NodeReference) {
            self.type = type
            self.target = target
        }
    }

    package var id: String
    package var nodeID: String
    /// By which concurrent changes are noticed: a change is based on one version, and stored only while that is the newest.
    package var version: Int
    package var runtimeProperties: [String: PropertyValue]
    package var systemProperties: [String: PropertyValue]
    /// Sent back when properties are stored.
    package var state: String?
    /// The instance of the machine it is on.
    package var hostID: String?
    package var index: Int?
    package var relationships: [Relationship]?
    package var scalingGroups: [ScalingGroup]?

    package init(
        id: String, nodeID: String, version: Int = 0, runtimeProperties: [String: PropertyValue] = [:],
        systemProperties: [String: PropertyValue] = [:], state: String? = nil, hostID: String? = nil, index: Int? = nil,
        relationships: [Relationship]? = nil, scalingGroups: [ScalingGroup]? = nil
    ) {
        self.id = id
        self.nodeID = nodeID
        self.version = version
        self.runtimeProperties = runtimeProperties
        self.systemProperties = systemProperties
        self.state = state
        self.hostID = hostID
        self.index = index
        self.relationships = relationships
        self.scalingGroups = scalingGroups
    }

    /// Reads a node instance of the manager's REST API.
    package init(id: String, nodeID: String = "", fields: [String: PropertyValue]) {
        self.init(
            id: fields["id"]?.stringValue ?? id, nodeID: fields["node_id"]?.stringValue ?? nodeID,
            version: fields["version"]?.intValue ?? 0,
            runtimeProperties: fields["runtime_properties"]?.objectValue ?? [:],
            systemProperties: fields["system_properties"]?.objectValue ?? [:],
            state: fields["state"]?.stringValue, hostID: fields["host_id"]?.stringValue,
            index: fields["index"]?.intValue,
            relationships: fields["relationships"]?.arrayValue?.compactMap { value in
                guard let type = value["type"]?.stringValue, let target = value["target_id"]?.stringValue else {
                    return nil
                }
                let node = value["target_name"]?.stringValue ?? ""
                return Relationship(type: type, target: NodeReference(nodeID: node, instanceID: target))
            },
            scalingGroups: fields["scaling_groups"]?.arrayValue?.compactMap { value in
                guard let id = value["id"]?.stringValue else { return nil }
                return ScalingGroup(id: id, name: value["name"]?.stringValue ?? "")
            })
    }
}
