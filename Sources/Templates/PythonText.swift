internal import Operative

/// Values as Python prints them, because that is what Jinja2 puts into its output. The members of objects are sorted.
enum PythonText {
    /// What `str()` gives.
    static func string(_ value: PropertyValue) -> String {
        if case .string(let text) = value { return text }
        return representation(value)
    }

    /// What `repr()` gives.
    static func representation(_ value: PropertyValue) -> String {
        switch value {
        case .null: "None"
        case .bool(let flag): flag ? "True" : "False"
        case .integer(let number): String(number)
        case .double(let number): double(number)
        case .string(let text): quoted(text)
        case .array(let elements): "[" + elements.map(representation).joined(separator: ", ") + "]"
        case .object(let members):
            "{"
                + members.sorted { $0.key < $1.key }.map { "\(quoted($0.key)): \(representation($0.value))" }
                .joined(separator: ", ") + "}"
        }
    }

    private static func double(_ number: Double) -> String {
        if number.isNaN { return "nan" }
        if number.isInfinite { return number < 0 ? "-inf" : "inf" }
        return number.description
    }

    private static func quoted(_ text: String) -> String {
        let quote: Unicode.Scalar = text.contains("'") && !text.contains("\"") ? "\"" : "'"
        var result = String(quote)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\\": result += "\\\\"
            case quote: result += "\\\(quote)"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                result += "\\x" + (digits.count < 2 ? "0" : "") + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        result.unicodeScalars.append(quote)
        return result
    }
}
