internal import Operative
internal import PythonFormat

/// The methods of Python's texts and dictionaries that templates use.
enum Methods {
    private static let ofObjects: Set<String> = ["get", "items", "keys", "values"]
    private static let ofTexts: Set<String> = [
        "upper", "lower", "strip", "lstrip", "rstrip", "split", "replace", "startswith", "endswith", "join",
        "capitalize",
        "title",
    ]

    static func exist(_ name: String, on value: PropertyValue) -> Bool {
        switch value {
        case .object: ofObjects.contains(name)
        case .string: ofTexts.contains(name)
        default: false
        }
    }

    static func call(_ name: String, on owner: PropertyValue, _ arguments: [PropertyValue]) throws -> PropertyValue {
        switch owner {
        case .object(let members): return try call(name, on: members, arguments)
        case .string(let text): return try call(name, on: text, arguments)
        default: throw TemplateFault("\(owner.kindDescription) has no method '\(name)'")
        }
    }

    private static func call(
        _ name: String, on members: [String: PropertyValue], _ arguments: [PropertyValue]
    ) throws -> PropertyValue {
        let sorted = members.sorted { $0.key < $1.key }
        switch name {
        case "items": return .array(sorted.map { [.string($0.key), $0.value] })
        case "keys": return .array(sorted.map { .string($0.key) })
        case "values": return .array(sorted.map(\.value))
        default:
            guard let key = arguments.first else { throw TemplateFault("'get' needs a key") }
            return members[PythonText.string(key)] ?? (arguments.count > 1 ? arguments[1] : .null)
        }
    }

    private static func call(_ name: String, on text: String, _ arguments: [PropertyValue]) throws -> PropertyValue {
        func argument(_ index: Int) throws -> String {
            guard index < arguments.count, let text = arguments[index].stringValue else {
                throw TemplateFault("'\(name)' needs a text")
            }
            return text
        }
        switch name {
        case "startswith": return .bool(text.utf8.starts(with: try argument(0).utf8))
        case "endswith": return .bool(text.utf8.reversed().starts(with: try argument(0).utf8.reversed()))
        case "split":
            return .array(try Texts.split(text, arguments.isEmpty ? nil : try argument(0)).map { .string($0) })
        case "replace": return .string(try Texts.replace(text, try argument(0), try argument(1)))
        case "join":
            guard let elements = arguments.first else { throw TemplateFault("'join' needs a list") }
            return .string(try Sequences.elements(of: elements).map(PythonText.string).joined(separator: text))
        default: return .string(try Texts.change(text, name))
        }
    }
}
