extension JSONScanner {
    /// Consumes one value and builds it. Of equal keys in one object the last wins, as with the peers.
    package mutating func readValue(_ bytes: Span<UInt8>) throws(JSONError) -> PropertyValue {
        switch try peek(bytes) {
        case ASCII.quote: return .string(try readString(bytes))
        case ASCII.leftBrace: return .object(try readObject(bytes))
        case ASCII.leftBracket:
            try enterArray(bytes)
            var elements: [PropertyValue] = []
            var isFirst = true
            while try nextElement(bytes, isFirst: &isFirst) { elements.append(try readValue(bytes)) }
            return .array(elements)
        case ASCII.t:
            try expectLiteral("true", bytes)
            return .bool(true)
        case ASCII.f:
            try expectLiteral("false", bytes)
            return .bool(false)
        case ASCII.n:
            try expectLiteral("null", bytes)
            return .null
        default:
            let token = try scanNumber(bytes)
            return integer(token, bytes).map(PropertyValue.integer) ?? .double(double(token, bytes))
        }
    }

    /// Consumes an object and builds its members.
    package mutating func readObject(_ bytes: Span<UInt8>) throws(JSONError) -> [String: PropertyValue] {
        try enterObject(bytes)
        var members: [String: PropertyValue] = [:]
        var isFirst = true
        while let key = try nextKey(bytes, isFirst: &isFirst) {
            members[key.text(bytes)] = try readValue(bytes)
        }
        return members
    }
}
