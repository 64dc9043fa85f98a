/// A node as the manager describes it. What is nil or empty is not known to whoever answers.
package struct NodeRecord: Sendable, Hashable {
    /// One of the node's relationships to other nodes.
    package struct Relationship: Sendable, Hashable {
        package var type: String
        /// Base type first.
        package var typeHierarchy: [String]

        package init(type: String, typeHierarchy: [String]) {
            self.type = type
            self.typeHierarchy = typeHierarchy
        }
    }

    package var id: String
    package var properties: [String: PropertyValue]?
    package var type: String?
    /// Base type first, the node's own type last.
    package var typeHierarchy: [String]?
    package var numberOfInstances: Int?
    package var relationships: [Relationship]

    package init(
        id: String, properties: [String: PropertyValue]? = nil, type: String? = nil, typeHierarchy: [String]? = nil,
        numberOfInstances: Int? = nil, relationships: [Relationship] = []
    ) {
        self.id = id
        self.properties = properties
        self.type = type
        self.typeHierarchy = typeHierarchy
        self.numberOfInstances = numberOfInstances
        self.relationships = relationships
    }

    /// Reads a node of the manager's REST API.
    package init(id: String, fields: [String: PropertyValue]) {
        self.init(
            id: fields["id"]?.stringValue ?? id, properties: fields["properties"]?.objectValue,
            type: fields["type"]?.stringValue,
            typeHierarchy: fields["type_hierarchy"]?.arrayValue?.compactMap(\.stringValue),
            numberOfInstances: fields["number_of_instances"]?.intValue,
            relationships: (fields["relationships"]?.arrayValue ?? []).compactMap { value in
                value["type"]?.stringValue.map { type in
                    let hierarchy = value["type_hierarchy"]?.arrayValue?.compactMap(\.stringValue)
                    return Relationship(type: type, typeHierarchy: hierarchy ?? [type])
                }
            })
    }
}
