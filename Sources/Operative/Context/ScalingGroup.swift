/// An instance of a scaling group that a node instance belongs to.
public struct ScalingGroup: Sendable, Hashable {
    /// The id of the group's instance.
    public let id: String
    /// The group's name in the blueprint.
    public let name: String

    package init(id: String, name: String) {
        self.id = id
        self.name = name
    }
}
