public import Operative

/// A node of a deployment, with its functions evaluated.
public struct NodeRecord: Sendable, Hashable {
    /// A relationship that the blueprint declares.
    public struct Relationship: Sendable, Hashable {
        /// Its type.
        public let type: String
        /// The node it leads to; `nil` when the manager does not say.
        public let target: String?
        /// Its type and the types it is derived from, base first.
        public let typeHierarchy: [String]
        /// Its properties.
        public let properties: [String: PropertyValue]

        init(_ fields: RecordFields) throws(ManagerError) {
            type = try fields.string("type")
            target = try fields.optionalString("target_id")
            typeHierarchy = try fields.strings("type_hierarchy")
            properties = try fields.object("properties")
        }
    }

    /// Its name in the blueprint.
    public let id: String
    /// Its type; `nil` when the manager does not say.
    public let type: String?
    /// Its type and the types it is derived from, base first.
    public let typeHierarchy: [String]
    /// Its properties.
    public let properties: [String: PropertyValue]
    /// How many instances it has; `nil` when the manager does not say.
    public let numberOfInstances: Int?
    /// The node that hosts it; `nil` when there is none.
    public let hostID: String?
    /// What the blueprint connects it with.
    public let relationships: [Relationship]
    /// All that the manager says about it.
    public let fields: [String: PropertyValue]

    init(_ fields: RecordFields) throws(ManagerError) {
        id = try fields.string("id")
        type = try fields.optionalString("type")
        typeHierarchy = try fields.strings("type_hierarchy")
        properties = try fields.object("properties")
        numberOfInstances = try fields.optionalInteger("number_of_instances")
        hostID = try fields.optionalString("host_id")
        relationships = try fields.records("relationships").map { fields throws(ManagerError) in
            try Relationship(fields)
        }
        self.fields = fields.members
    }
}
