/// Appends JSON text to a byte buffer. The caller is responsible for the structure, the writer for the values.
package struct JSONWriter: Sendable {
    /// What has been written so far.
    package var bytes: [UInt8]

    package init(reservingCapacity capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Appends text as it is: punctuation, or JSON that has been written before.
    @inline(__always)
    package mutating func raw(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    /// Appends JSON that has been written before.
    @inline(__always)
    package mutating func raw(_ json: [UInt8]) {
        bytes.append(contentsOf: json)
    }

    /// Appends a string in quotes; characters beyond ASCII stay UTF-8.
    package mutating func string(_ text: String) {
        bytes.append(ASCII.quote)
        let utf8 = text.utf8
        if Self.needsEscaping(utf8.span) {
            for byte in utf8 { appendEscaped(byte) }
        } else {
            bytes.append(contentsOf: utf8)
        }
        bytes.append(ASCII.quote)
    }

    /// Appends a string, or `null`.
    package mutating func string(_ text: String?) {
        if let text { string(text) } else { raw("null") }
    }

    /// Appends an integer.
    package mutating func integer(_ value: Int) {
        var magnitude = value.magnitude
        if value < 0 { bytes.append(ASCII.minus) }
        let start = bytes.count
        repeat {
            let (quotient, remainder) = magnitude.quotientAndRemainder(dividingBy: 10)
            bytes.append(ASCII.zero + UInt8(remainder))
            magnitude = quotient
        } while magnitude != 0
        bytes[start...].reverse()
    }

    /// Appends a number; what JSON cannot express is written the way the peers read it.
    package mutating func double(_ value: Double) {
        if value.isNaN {
            raw("NaN")
        } else if value.isInfinite {
            if value < 0 { raw("-Infinity") } else { raw("Infinity") }
        } else {
            bytes.append(contentsOf: value.description.utf8)
        }
    }

    /// Appends `true` or `false`.
    package mutating func bool(_ value: Bool) {
        if value { raw("true") } else { raw("false") }
    }

    /// Appends any value; the keys of objects are sorted so that equal values have equal text.
    package mutating func value(_ value: PropertyValue) {
        switch value {
        case .null: raw("null")
        case .bool(let flag): bool(flag)
        case .integer(let number): integer(number)
        case .double(let number): double(number)
        case .string(let text): string(text)
        case .array(let elements): array(elements)
        case .object(let members): object(members)
        }
    }

    /// Appends an array.
    package mutating func array(_ elements: [PropertyValue]) {
        raw("[")
        for (index, element) in elements.enumerated() {
            if index > 0 { raw(",") }
            value(element)
        }
        raw("]")
    }

    /// Appends an object.
    package mutating func object(_ members: [String: PropertyValue]) {
        raw("{")
        var isFirst = true
        for (key, member) in members.sorted(by: { $0.key < $1.key }) {
            if !isFirst { raw(",") }
            isFirst = false
            string(key)
            raw(":")
            value(member)
        }
        raw("}")
    }

    private static func needsEscaping(_ utf8: Span<UInt8>) -> Bool {
        for index in utf8.indices {
            let byte = utf8[index]
            if byte < 0x20 || byte == ASCII.quote || byte == ASCII.backslash { return true }
        }
        return false
    }

    private mutating func appendEscaped(_ byte: UInt8) {
        switch byte {
        case ASCII.quote: raw("\\\"")
        case ASCII.backslash: raw("\\\\")
        case 0x0A: raw("\\n")
        case 0x0D: raw("\\r")
        case 0x09: raw("\\t")
        case 0..<0x20:
            raw("\\u00")
            bytes.append(byte < 0x10 ? ASCII.zero : ASCII.zero + 1)
            let low = byte & 0x0F
            bytes.append(low < 10 ? ASCII.zero + low : 0x61 + low - 10)
        default: bytes.append(byte)
        }
    }
}
