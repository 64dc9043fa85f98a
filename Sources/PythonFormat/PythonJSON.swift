package import Operative

/// JSON as Python's `json.dumps` writes it: a blank behind commas and colons, nothing but ASCII. The members of objects are sorted.
package struct PythonJSON: Sendable {
    /// What has been written so far.
    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// The value's text.
    package static func bytes(_ value: PropertyValue) -> [UInt8] {
        var writer = PythonJSON()
        writer.value(value)
        return writer.bytes
    }

    /// Appends text as it is.
    package mutating func raw(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    /// Appends a value.
    package mutating func value(_ value: PropertyValue) {
        switch value {
        case .null: raw("null")
        case .bool(let flag): if flag { raw("true") } else { raw("false") }
        case .integer(let number): bytes.append(contentsOf: String(number).utf8)
        case .double(let number): double(number)
        case .string(let text): string(text)
        case .array(let elements):
            raw("[")
            for (index, element) in elements.enumerated() {
                if index > 0 { raw(", ") }
                self.value(element)
            }
            raw("]")
        case .object(let members):
            raw("{")
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { raw(", ") }
                string(member.key)
                raw(": ")
                self.value(member.value)
            }
            raw("}")
        }
    }

    /// Appends a string in quotes.
    package mutating func string(_ text: String) {
        raw("\"")
        for unit in text.utf16 {
            switch unit {
            case 0x22: raw("\\\"")
            case 0x5C: raw("\\\\")
            case 0x0A: raw("\\n")
            case 0x0D: raw("\\r")
            case 0x09: raw("\\t")
            case 0x08: raw("\\b")
            case 0x0C: raw("\\f")
            case 0x20..<0x7F: bytes.append(UInt8(truncatingIfNeeded: unit))
            default:
                raw("\\u")
                for shift in [12, 8, 4, 0] { bytes.append(Self.digits[Int(unit >> UInt16(shift)) & 0xF]) }
            }
        }
        raw("\"")
    }

    private mutating func double(_ number: Double) {
        if number.isNaN {
            raw("NaN")
        } else if number.isInfinite {
            if number < 0 { raw("-Infinity") } else { raw("Infinity") }
        } else {
            bytes.append(contentsOf: PythonText.double(number).utf8)
        }
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
