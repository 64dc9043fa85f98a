import Operative

/// Values as Python writes them, because scripts have been written for what Python wrote.
enum PythonText {
    /// What `str()` gives for a value that is neither a list nor a mapping; for those, and for booleans, JSON as `json.dumps` writes it.
    static func environmentText(_ value: PropertyValue) -> String {
        switch value {
        case .null: "None"
        case .integer(let number): String(number)
        case .double(let number): double(number)
        case .string(let text): text
        case .bool, .array, .object: json(value)
        }
    }

    /// JSON as `json.dumps` writes it: blanks after colons and commas, nothing but ASCII. Keys are sorted.
    static func json(_ value: PropertyValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .integer(let number): String(number)
        case .double(let number): jsonNumber(number)
        case .string(let text): quoted(text)
        case .array(let elements): "[" + elements.map { json($0) }.joined(separator: ", ") + "]"
        case .object(let members):
            "{"
                + members.sorted { $0.key < $1.key }.map { "\(quoted($0.key)): \(json($0.value))" }
                .joined(separator: ", ") + "}"
        }
    }

    /// What `repr()` gives for a value of JSON.
    static func representation(_ value: PropertyValue) -> String {
        switch value {
        case .null: "None"
        case .bool(let flag): flag ? "True" : "False"
        case .integer(let number): String(number)
        case .double(let number): double(number)
        case .string(let text): representation(text)
        case .array(let elements): "[" + elements.map { representation($0) }.joined(separator: ", ") + "]"
        case .object(let members):
            "{"
                + members.sorted { $0.key < $1.key }.map { "\(representation($0.key)): \(representation($0.value))" }
                .joined(separator: ", ") + "}"
        }
    }

    /// Whether Python takes the value for true.
    static func isTrue(_ value: PropertyValue) -> Bool {
        switch value {
        case .null: false
        case .bool(let flag): flag
        case .integer(let number): number != 0
        case .double(let number): number != 0
        case .string(let text): !text.isEmpty
        case .array(let elements): !elements.isEmpty
        case .object(let members): !members.isEmpty
        }
    }

    /// What `repr()` gives for a number: Swift's shortest digits, but an exponent from 10^16 on only.
    static func double(_ number: Double) -> String {
        if number.isNaN { return "nan" }
        if number.isInfinite { return number < 0 ? "-inf" : "inf" }
        // Swift changes to an exponent at 2^54; such numbers are whole.
        if number.magnitude < 1e16, number.magnitude >= 0x1p53 { return "\(Int(number)).0" }
        return number.description
    }

    private static func jsonNumber(_ number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
        return double(number)
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for unit in text.utf16 {
            switch unit {
            case 0x22: result += "\\\""
            case 0x5C: result += "\\\\"
            case 0x0A: result += "\\n"
            case 0x0D: result += "\\r"
            case 0x09: result += "\\t"
            case 0x08: result += "\\b"
            case 0x0C: result += "\\f"
            case 0x20..<0x7F: result.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
            default:
                let digits = String(unit, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return result + "\""
    }

    private static func representation(_ text: String) -> String {
        let quote = text.contains("'") && !text.contains("\"") ? "\"" : "'"
        var result = quote
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "'" where quote == "'": result += "\\'"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                result += "\\x" + (digits.count < 2 ? "0" : "") + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + quote
    }
}
