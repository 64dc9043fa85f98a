package import Operative

/// Values as Python prints them: templates and what scripts read of `ctx` were written for Python. The members of objects are sorted.
package enum PythonText {
    /// What `str()` gives.
    package static func string(_ value: PropertyValue) -> String {
        if case .string(let text) = value { return text }
        return representation(value)
    }

    /// What `repr()` gives.
    package static func representation(_ value: PropertyValue) -> String {
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

    /// Whether `if value:` is taken.
    package static func isTrue(_ value: PropertyValue) -> Bool {
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

    /// A floating-point number as `repr()` writes it; `json.dumps` writes finite ones the same.
    package static func double(_ number: Double) -> String {
        if number.isNaN { return "nan" }
        if number.isInfinite { return number < 0 ? "-inf" : "inf" }
        let (digits, exponent) = decimal(number.magnitude)
        return (number.sign == .minus ? "-" : "") + arranged(digits, exponent: exponent)
    }

    /// The shortest digits that stand for the number, and where the point belongs: 0.d₁d₂… × 10 to the exponent.
    private static func decimal(_ magnitude: Double) -> (digits: [Character], exponent: Int) {
        let text = magnitude.description
        let parts = text.split(separator: "e")
        let mantissa = parts.first ?? "0"
        let point = mantissa.firstIndex(of: ".") ?? mantissa.endIndex
        var digits = Array(mantissa.filter { $0 != "." })
        var exponent = mantissa.distance(from: mantissa.startIndex, to: point)
        exponent += parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        while digits.count > 1, digits.first == "0" {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.count > 1, digits.last == "0" { digits.removeLast() }
        return (digits, digits == ["0"] ? 1 : exponent)
    }

    private static func arranged(_ digits: [Character], exponent: Int) -> String {
        switch exponent {
        case -3...0: return "0." + String(repeating: "0", count: -exponent) + String(digits)
        case 1...16:
            guard digits.count > exponent else {
                return String(digits) + String(repeating: "0", count: exponent - digits.count) + ".0"
            }
            return String(digits[..<exponent]) + "." + String(digits[exponent...])
        default:
            let power = exponent - 1
            let rest = digits.count > 1 ? "." + String(digits[1...]) : ""
            let size = String(power.magnitude)
            return String(digits[0]) + rest + "e" + (power < 0 ? "-" : "+") + (size.count < 2 ? "0" : "") + size
        }
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
            case _ where scalar.value < 0x7F && scalar.value >= 0x20: result.unicodeScalars.append(scalar)
            case _ where isPrintable(scalar): result.unicodeScalars.append(scalar)
            default: result += escape(scalar)
            }
        }
        result.unicodeScalars.append(quote)
        return result
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            false
        default: true
        }
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let (letter, length) =
            switch scalar.value {
            case 0..<0x100: ("x", 2)
            case 0..<0x1_0000: ("u", 4)
            default: ("U", 8)
            }
        let digits = String(scalar.value, radix: 16)
        return "\\" + letter + String(repeating: "0", count: length - digits.count) + digits
    }
}
