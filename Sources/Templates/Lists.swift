internal import Operative
internal import PythonFormat

/// Filters that take or make lists.
enum Lists {
    static func filter(_ name: String, _ value: PropertyValue, _ arguments: FilterArguments) throws -> PropertyValue {
        if name == "items" || name == "dictsort" {
            guard let members = value.objectValue else {
                if value.isNull { return [] }
                throw TemplateFault("'\(name)' is for objects")
            }
            return .array(members.sorted { $0.key < $1.key }.map { [.string($0.key), $0.value] })
        }
        if name == "reverse", let text = value.stringValue {
            return .string(String(String.UnicodeScalarView(text.unicodeScalars.reversed())))
        }
        let elements = value.isNull ? [] : try Sequences.elements(of: value)
        switch name {
        case "list": return .array(elements)
        case "reverse": return .array(elements.reversed())
        case "sort":
            let isReversed = try arguments.value(0, "reverse").map(PythonText.isTrue) ?? false
            return .array(try elements.sorted { try isReversed ? isLess($1, $0) : isLess($0, $1) })
        case "unique":
            var seen: Set<PropertyValue> = []
            return .array(elements.filter { seen.insert(folded($0)).inserted })
        case "min", "max":
            let found = name == "min" ? try elements.min(by: isLess) : try elements.max(by: isLess)
            return found ?? ""
        default: return try elements.reduce(.integer(0)) { try Arithmetic.calculate("+", $0, $1) }
        }
    }

    /// As Jinja2 sorts, texts regardless of case.
    private static func isLess(_ left: PropertyValue, _ right: PropertyValue) throws -> Bool {
        try Comparison.isLess(folded(left), folded(right))
    }

    private static func folded(_ value: PropertyValue) -> PropertyValue {
        value.stringValue.map { .string($0.lowercased()) } ?? value
    }
}
