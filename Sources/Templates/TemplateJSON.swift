internal import Operative

/// JSON as Jinja2's `tojson` writes it: keys sorted, ASCII only, safe within HTML.
enum TemplateJSON {
    static func text(_ value: PropertyValue, indent: Int?) -> String {
        var result = ""
        write(value, indent: indent.map { min(max($0, 0), 32) }, level: 0, into: &result)
        return result
    }

    private static func write(_ value: PropertyValue, indent: Int?, level: Int, into result: inout String) {
        switch value {
        case .array(let elements) where !elements.isEmpty:
            list("[", "]", elements, indent, level, &result) { write($0, indent: indent, level: level + 1, into: &$1) }
        case .object(let members) where !members.isEmpty:
            list("{", "}", members.sorted { $0.key < $1.key }, indent, level, &result) { member, result in
                result += escaped(PropertyValue.string(member.key).jsonString) + ": "
                write(member.value, indent: indent, level: level + 1, into: &result)
            }
        default: result += escaped(value.jsonString)
        }
    }

    private static func list<Element>(
        _ opening: String, _ closing: String, _ elements: [Element], _ indent: Int?, _ level: Int,
        _ result: inout String, _ write: (Element, inout String) -> Void
    ) {
        result += opening
        for (index, element) in elements.enumerated() {
            if index > 0 { result += indent == nil ? ", " : "," }
            if let indent { result += "\n" + String(repeating: " ", count: indent * (level + 1)) }
            write(element, &result)
        }
        if let indent { result += "\n" + String(repeating: " ", count: indent * level) }
        result += closing
    }

    private static func escaped(_ json: String) -> String {
        var result = ""
        for unit in json.utf16 {
            switch unit {
            case 0x3C, 0x3E, 0x26, 0x27, 0x7F...:
                let digits = String(unit, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(Unicode.Scalar(UInt8(truncatingIfNeeded: unit)))
            }
        }
        return result
    }
}
