/// Where a string lies in JSON text: the bytes between its quotes.
package struct JSONStringToken: Sendable, Hashable {
    /// The first byte after the opening quote.
    package let start: Int
    /// The closing quote.
    package let end: Int
    /// Whether the bytes contain escape sequences and differ from the text they stand for.
    package let hasEscapes: Bool

    package init(start: Int, end: Int, hasEscapes: Bool) {
        self.start = start
        self.end = end
        self.hasEscapes = hasEscapes
    }

    /// Whether the string is `literal`. Compares bytes; only a string with escapes is decoded first.
    @inline(__always)
    package func matches(_ literal: StaticString, _ bytes: Span<UInt8>) -> Bool {
        guard !hasEscapes else { return text(bytes) == literal.description }
        let length = literal.utf8CodeUnitCount
        guard end - start == length else { return false }
        return literal.withUTF8Buffer { expected in
            for index in 0..<length where bytes[start + index] != expected[index] { return false }
            return true
        }
    }

    /// The text of the string, escapes resolved. Half a surrogate pair becomes U+FFFD.
    package func text(_ bytes: Span<UInt8>) -> String {
        guard hasEscapes else {
            // The scanner has checked the UTF-8 already; the check here is what makes the span usable.
            guard let text = try? UTF8Span(validating: bytes.extracting(start..<end)) else { return "" }
            return String(copying: text)
        }
        return String(decoding: unescaped(bytes), as: UTF8.self)
    }

    private func unescaped(_ bytes: Span<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(end - start)
        var index = start
        while index < end {
            let byte = bytes[index]
            index += 1
            guard byte == ASCII.backslash else {
                result.append(byte)
                continue
            }
            let escape = bytes[index]
            index += 1
            switch escape {
            case ASCII.n: result.append(0x0A)
            case ASCII.t: result.append(0x09)
            case ASCII.r: result.append(0x0D)
            case ASCII.b: result.append(0x08)
            case ASCII.f: result.append(0x0C)
            case ASCII.u: appendUnicodeEscape(bytes, at: &index, to: &result)
            default: result.append(escape)
            }
        }
        return result
    }

    private func appendUnicodeEscape(_ bytes: Span<UInt8>, at index: inout Int, to result: inout [UInt8]) {
        let unit = codeUnit(bytes, at: index)
        index += 4
        var scalar = UInt32(unit)
        if UTF16.isLeadSurrogate(unit), index + 6 <= end, bytes[index] == ASCII.backslash, bytes[index + 1] == ASCII.u {
            let trail = codeUnit(bytes, at: index + 2)
            if UTF16.isTrailSurrogate(trail) {
                index += 6
                scalar = 0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(trail) - 0xDC00)
            }
        }
        result.append(contentsOf: String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8)
    }

    private func codeUnit(_ bytes: Span<UInt8>, at index: Int) -> UInt16 {
        var unit: UInt16 = 0
        for position in index..<index + 4 { unit = unit << 4 | (ASCII.hexadecimalValue(bytes[position]) ?? 0) }
        return unit
    }
}
