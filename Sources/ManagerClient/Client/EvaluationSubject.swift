internal import Operative

/// What the keywords of intrinsic functions stand for.
public enum EvaluationSubject: Sendable, Hashable {
    /// `SELF` is a node instance.
    case node(instance: String)
    /// `SOURCE` and `TARGET` are two node instances, each with its node.
    case relationship(source: String, sourceNode: String, target: String, targetNode: String)
    /// There are no keywords.
    case deployment

    var members: [String: PropertyValue] {
        switch self {
        case .node(let instance): ["self": .string(instance)]
        case .relationship(let source, let sourceNode, let target, let targetNode):
            [
                "source": .string(source), "source_node": .string(sourceNode), "target": .string(target),
                "target_node": .string(targetNode),
            ]
        case .deployment: [:]
        }
    }
}
