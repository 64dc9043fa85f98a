/// What an operation works on, with the references needed to reach it.
package enum ContextSubject: Sendable, Hashable {
    case nodeInstance(NodeReference)
    case relationship(source: NodeReference, target: NodeReference)
    case deployment

    package var kind: ContextKind {
        switch self {
        case .nodeInstance: .nodeInstance
        case .relationship: .relationship
        case .deployment: .deployment
        }
    }
}
