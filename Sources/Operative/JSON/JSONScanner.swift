/// Walks over JSON text without building anything.
///
/// The scanner is only a position: the bytes are passed to every call, so that a caller can keep the position
/// while the buffer stays where it is. Skipping a value checks it completely (grammar, UTF-8, depth) and allocates nothing.
///
/// Besides standard JSON it accepts `NaN`, `Infinity` and `-Infinity`, because the peers' encoder writes them.
package struct JSONScanner: Sendable {
    /// How deep objects and arrays may be nested.
    package static let maximumDepth = 512

    /// The kinds of values that can be told apart by their first byte.
    package enum Kind: Sendable { case null, bool, number, string, array, object }

    /// The next byte to be read.
    package var offset: Int
    /// How many objects and arrays are open.
    package private(set) var depth = 0

    package init(offset: Int = 0) {
        self.offset = offset
    }

    // MARK: Structure

    /// The first byte of the next value, without consuming it.
    @inline(__always)
    package mutating func peek(_ bytes: Span<UInt8>) throws(JSONError) -> UInt8 {
        skipWhitespace(bytes)
        guard offset < bytes.count else { throw failure("the text ends where a value is expected") }
        return bytes[offset]
    }

    /// What kind of value comes next, without consuming it. Says nothing about whether it is well-formed.
    package mutating func peekKind(_ bytes: Span<UInt8>) throws(JSONError) -> Kind {
        switch try peek(bytes) {
        case ASCII.quote: .string
        case ASCII.leftBrace: .object
        case ASCII.leftBracket: .array
        case ASCII.t, ASCII.f: .bool
        case ASCII.n: .null
        default: .number
        }
    }

    /// Consumes `{`.
    package mutating func enterObject(_ bytes: Span<UInt8>) throws(JSONError) {
        try enter(bytes, ASCII.leftBrace, expecting: "an object")
    }

    /// Consumes `[`.
    package mutating func enterArray(_ bytes: Span<UInt8>) throws(JSONError) {
        try enter(bytes, ASCII.leftBracket, expecting: "an array")
    }

    /// Consumes the next key and its colon, or the closing brace.
    ///
    /// - Parameter isFirst: `true` before the first member; the scanner sets it to `false`.
    /// - Returns: the key, or `nil` when the object has ended. After a key the caller must consume one value.
    package mutating func nextKey(_ bytes: Span<UInt8>, isFirst: inout Bool) throws(JSONError) -> JSONStringToken? {
        guard try advance(bytes, closing: ASCII.rightBrace, isFirst: &isFirst) else { return nil }
        guard offset < bytes.count, bytes[offset] == ASCII.quote else { throw failure("expected a key in quotes") }
        let key = try scanString(bytes)
        skipWhitespace(bytes)
        guard offset < bytes.count, bytes[offset] == ASCII.colon else { throw failure("expected ':' after the key") }
        offset += 1
        return key
    }

    /// Positions the scanner on the next array element, or consumes the closing bracket.
    ///
    /// - Returns: `false` when the array has ended. After `true` the caller must consume one value.
    package mutating func nextElement(_ bytes: Span<UInt8>, isFirst: inout Bool) throws(JSONError) -> Bool {
        try advance(bytes, closing: ASCII.rightBracket, isFirst: &isFirst)
    }

    /// Makes sure that nothing but whitespace follows.
    package mutating func expectEnd(_ bytes: Span<UInt8>) throws(JSONError) {
        skipWhitespace(bytes)
        guard offset == bytes.count else { throw failure("unexpected text after the value") }
    }

    // MARK: Skipping

    /// Consumes one value of any kind.
    package mutating func skipValue(_ bytes: Span<UInt8>) throws(JSONError) {
        switch try peek(bytes) {
        case ASCII.quote:
            _ = try scanString(bytes)
        case ASCII.leftBrace:
            try enterObject(bytes)
            var isFirst = true
            while try nextKey(bytes, isFirst: &isFirst) != nil { try skipValue(bytes) }
        case ASCII.leftBracket:
            try enterArray(bytes)
            var isFirst = true
            while try nextElement(bytes, isFirst: &isFirst) { try skipValue(bytes) }
        case ASCII.t: try expectLiteral("true", bytes)
        case ASCII.f: try expectLiteral("false", bytes)
        case ASCII.n: try expectLiteral("null", bytes)
        default: _ = try scanNumber(bytes)
        }
    }

    @inline(__always)
    package mutating func skipWhitespace(_ bytes: Span<UInt8>) {
        while offset < bytes.count {
            let byte = bytes[offset]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            offset += 1
        }
    }

    /// Consumes exactly `literal`.
    package mutating func expectLiteral(_ literal: StaticString, _ bytes: Span<UInt8>) throws(JSONError) {
        guard hasLiteral(literal, bytes) else { throw failure("expected a value") }
        offset += literal.utf8CodeUnitCount
    }

    // MARK: Parts

    package func failure(_ reason: String) -> JSONError { JSONError(offset: offset, reason: reason) }

    func hasLiteral(_ literal: StaticString, _ bytes: Span<UInt8>) -> Bool {
        let length = literal.utf8CodeUnitCount
        guard bytes.count - offset >= length else { return false }
        return literal.withUTF8Buffer { expected in
            for index in 0..<length where bytes[offset + index] != expected[index] { return false }
            return true
        }
    }

    private mutating func enter(_ bytes: Span<UInt8>, _ opening: UInt8, expecting: StaticString) throws(JSONError) {
        guard try peek(bytes) == opening else { throw failure("expected \(expecting)") }
        guard depth < Self.maximumDepth else { throw failure("nested deeper than \(Self.maximumDepth) levels") }
        depth += 1
        offset += 1
    }

    @inline(__always)
    private mutating func advance(
        _ bytes: Span<UInt8>, closing: UInt8, isFirst: inout Bool
    ) throws(JSONError) -> Bool {
        skipWhitespace(bytes)
        guard offset < bytes.count else { throw failure("the text ends inside an object or array") }
        if bytes[offset] == closing {
            offset += 1
            depth -= 1
            isFirst = false
            return false
        }
        if isFirst {
            isFirst = false
            return true
        }
        guard bytes[offset] == ASCII.comma else { throw failure("expected ',' or the end of the object or array") }
        offset += 1
        skipWhitespace(bytes)
        return true
    }
}
