internal import Operative

/// Evaluates `get_property`, `get_attribute` and `concat` like a manager.
struct IntrinsicFunctions {
    let nodes: [[String: PropertyValue]]
    let instances: [String: [String: PropertyValue]]
    /// `self`, or `source` and `target`: ids of instances.
    let context: PropertyValue

    func evaluate(_ value: PropertyValue) -> PropertyValue {
        switch value {
        case .array(let elements): return .array(elements.map(evaluate))
        case .object(let members):
            if members.count == 1, let (name, argument) = members.first, let result = call(name, argument) {
                return result
            }
            return .object(members.mapValues(evaluate))
        default: return value
        }
    }

    private func call(_ name: String, _ argument: PropertyValue) -> PropertyValue? {
        guard let arguments = argument.arrayValue else { return nil }
        switch name {
        case "concat":
            return .string(arguments.map { evaluate($0) }.map { $0.stringValue ?? $0.jsonString }.joined())
        case "get_attribute", "get_property":
            guard let entity = arguments.first?.stringValue, let instance = instance(entity) else { return .null }
            let properties = node(instance)?["properties"] ?? [:]
            let attributes = name == "get_attribute" ? instance["runtime_properties"] ?? [:] : [:]
            let path = arguments.dropFirst()
            return evaluate(Self.look(path, in: attributes) ?? Self.look(path, in: properties) ?? .null)
        default: return nil
        }
    }

    private static func look(_ path: ArraySlice<PropertyValue>, in value: PropertyValue) -> PropertyValue? {
        path.reduce(Optional(value)) { found, step in
            step.intValue.map { found?[$0] } ?? found?[step.stringValue ?? ""]
        }
    }

    private func instance(_ entity: String) -> [String: PropertyValue]? {
        if ["SELF", "SOURCE", "TARGET"].contains(entity) {
            return instances[context[entity.lowercased()]?.stringValue ?? ""]
        }
        return instances.values.first { $0["node_id"]?.stringValue == entity }
    }

    private func node(_ instance: [String: PropertyValue]) -> [String: PropertyValue]? {
        nodes.first { $0["id"] == instance["node_id"] }
    }
}
