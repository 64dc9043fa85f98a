public import Operative

/// An instance of a node, as it was when it was fetched.
public struct NodeInstanceRecord: Sendable, Hashable {
    /// A relationship with another instance.
    public struct Relationship: Sendable, Hashable {
        /// Its type.
        public let type: String
        /// The instance it leads to.
        public let targetID: String
        /// The node of that instance; `nil` when the manager does not say.
        public let targetName: String?

        init(_ fields: RecordFields) throws(ManagerError) {
            type = try fields.string("type")
            targetID = try fields.string("target_id")
            targetName = try fields.optionalString("target_name")
        }
    }

    /// A group of instances that is scaled together.
    public struct ScalingGroup: Sendable, Hashable {
        /// The id of the group's instance.
        public let id: String
        /// The group's name.
        public let name: String

        init(_ fields: RecordFields) throws(ManagerError) {
            id = try fields.string("id")
            name = try fields.string("name")
        }
    }

    /// Its id.
    public let id: String
    /// Its node; `nil` when the manager does not say.
    public let nodeID: String?
    /// The instance that hosts it; `nil` when there is none.
    public let hostID: String?
    /// The deployment it belongs to; `nil` when the manager does not say.
    public let deploymentID: String?
    /// Where its lifecycle stands, such as `started`; sent back with every update. `nil` when the manager does not say.
    public let state: String?
    /// Counts its updates; never negative.
    public let version: Int
    /// Its runtime properties.
    public let runtimeProperties: [String: PropertyValue]
    /// What the manager itself keeps about it.
    public let systemProperties: [String: PropertyValue]
    /// Its relationships.
    public let relationships: [Relationship]
    /// Its number within its node; `nil` when the manager does not say.
    public let index: Int?
    /// The groups it is scaled with.
    public let scalingGroups: [ScalingGroup]
    /// All that the manager says about it.
    public let fields: [String: PropertyValue]

    init(_ fields: RecordFields) throws(ManagerError) {
        id = try fields.string("id")
        nodeID = try fields.optionalString("node_id")
        hostID = try fields.optionalString("host_id")
        deploymentID = try fields.optionalString("deployment_id")
        state = try fields.optionalString("state")
        version = try fields.optionalInteger("version") ?? 0
        runtimeProperties = try fields.object("runtime_properties")
        systemProperties = try fields.object("system_properties")
        relationships = try fields.records("relationships").map { fields throws(ManagerError) in
            try Relationship(fields)
        }
        index = try fields.optionalInteger("index")
        scalingGroups = try fields.records("scaling_groups").map { fields throws(ManagerError) in
            try ScalingGroup(fields)
        }
        self.fields = fields.members
    }
}
