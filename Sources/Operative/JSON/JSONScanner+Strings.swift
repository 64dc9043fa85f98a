extension JSONScanner {
    /// Consumes a string, checking its escapes and its UTF-8.
    package mutating func scanString(_ bytes: Span<UInt8>) throws(JSONError) -> JSONStringToken {
        guard try peek(bytes) == ASCII.quote else { throw failure("expected a string") }
        let start = offset + 1
        var index = start
        var hasEscapes = false
        while true {
            index = JSONText.plainEnd(in: bytes, from: index)
            guard index < bytes.count else { break }
            let byte = bytes[index]
            if byte == ASCII.quote {
                offset = index + 1
                return JSONStringToken(start: start, end: index, hasEscapes: hasEscapes)
            }
            if byte == ASCII.backslash {
                hasEscapes = true
                index = try checkEscape(bytes, at: index)
            } else if byte < 0x20 {
                throw JSONError(offset: index, reason: "control character in a string")
            } else {
                index = try checkMultibyte(bytes, at: index)
            }
        }
        throw JSONError(offset: start - 1, reason: "the string has no end")
    }

    /// Consumes a string and returns its text.
    package mutating func readString(_ bytes: Span<UInt8>) throws(JSONError) -> String {
        try scanString(bytes).text(bytes)
    }

    private func checkEscape(_ bytes: Span<UInt8>, at index: Int) throws(JSONError) -> Int {
        guard index + 1 < bytes.count else { throw JSONError(offset: index, reason: "the string has no end") }
        switch bytes[index + 1] {
        case ASCII.quote, ASCII.backslash, ASCII.slash, ASCII.b, ASCII.f, ASCII.n, ASCII.r, ASCII.t:
            return index + 2
        case ASCII.u:
            guard index + 5 < bytes.count else { throw JSONError(offset: index, reason: "the escape has no end") }
            for position in index + 2..<index + 6 where ASCII.hexadecimalValue(bytes[position]) == nil {
                throw JSONError(offset: position, reason: "expected four hexadecimal digits after \\u")
            }
            return index + 6
        default:
            throw JSONError(offset: index, reason: "unknown escape")
        }
    }

    /// Checks one scalar of two to four bytes: no overlong forms, no surrogates, nothing beyond U+10FFFF.
    private func checkMultibyte(_ bytes: Span<UInt8>, at index: Int) throws(JSONError) -> Int {
        let lead = bytes[index]
        let length: Int
        var secondRange: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0...0xEF:
            length = 3
            if lead == 0xE0 { secondRange = 0xA0...0xBF }
            if lead == 0xED { secondRange = 0x80...0x9F }
        case 0xF0...0xF4:
            length = 4
            if lead == 0xF0 { secondRange = 0x90...0xBF }
            if lead == 0xF4 { secondRange = 0x80...0x8F }
        default: throw JSONError(offset: index, reason: "not UTF-8")
        }
        guard index + length <= bytes.count, secondRange.contains(bytes[index + 1]) else {
            throw JSONError(offset: index, reason: "not UTF-8")
        }
        for position in index + 2..<index + length where bytes[position] & 0xC0 != 0x80 {
            throw JSONError(offset: index, reason: "not UTF-8")
        }
        return index + length
    }
}
