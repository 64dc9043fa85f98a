/// An end of a relationship.
public enum RelationshipSide: String, Sendable, Hashable {
    /// Where the relationship starts.
    case source
    /// Where it points to.
    case target
}
