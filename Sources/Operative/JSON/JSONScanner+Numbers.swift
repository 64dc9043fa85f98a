extension JSONScanner {
    /// Where a number lies, and whether it is written as an integer.
    package struct NumberToken: Sendable, Hashable {
        package let start: Int
        package let end: Int
        package let isInteger: Bool
    }

    /// Consumes a number, including the peers' `NaN`, `Infinity` and `-Infinity`.
    package mutating func scanNumber(_ bytes: Span<UInt8>) throws(JSONError) -> NumberToken {
        let first = try peek(bytes)
        let start = offset
        for literal: StaticString in ["NaN", "Infinity", "-Infinity"] where hasLiteral(literal, bytes) {
            offset += literal.utf8CodeUnitCount
            return NumberToken(start: start, end: offset, isInteger: false)
        }
        if first == ASCII.minus { offset += 1 }
        guard offset < bytes.count, isDigit(bytes[offset]) else {
            offset = start
            throw failure("expected a value")
        }
        if bytes[offset] == ASCII.zero { offset += 1 } else { skipDigits(bytes) }
        var isInteger = true
        if offset < bytes.count, bytes[offset] == ASCII.point {
            isInteger = false
            offset += 1
            try requireDigits(bytes, "expected digits after the decimal point")
        }
        if offset < bytes.count, bytes[offset] == ASCII.e || bytes[offset] == ASCII.upperE {
            isInteger = false
            offset += 1
            if offset < bytes.count, bytes[offset] == ASCII.plus || bytes[offset] == ASCII.minus { offset += 1 }
            try requireDigits(bytes, "expected digits in the exponent")
        }
        return NumberToken(start: start, end: offset, isInteger: isInteger)
    }

    /// The value of an integer token, or `nil` when it does not fit or is not an integer.
    package func integer(_ token: NumberToken, _ bytes: Span<UInt8>) -> Int? {
        guard token.isInteger else { return nil }
        var index = token.start
        let isNegative = bytes[index] == ASCII.minus
        if isNegative { index += 1 }
        var value = 0
        while index < token.end {
            let digit = Int(bytes[index] - ASCII.zero)
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) =
                isNegative ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
            if overflow || carry { return nil }
            value = sum
            index += 1
        }
        return value
    }

    /// The value of any number token. Numbers beyond the range of `Double` become infinite.
    package func double(_ token: NumberToken, _ bytes: Span<UInt8>) -> Double {
        let text = JSONStringToken(start: token.start, end: token.end, hasEscapes: false).text(bytes)
        switch text {
        case "NaN": return .nan
        case "Infinity": return .infinity
        case "-Infinity": return -.infinity
        default: return Double(text) ?? .nan
        }
    }

    @inline(__always)
    private func isDigit(_ byte: UInt8) -> Bool { byte >= ASCII.zero && byte <= ASCII.nine }

    private mutating func skipDigits(_ bytes: Span<UInt8>) {
        while offset < bytes.count, isDigit(bytes[offset]) { offset += 1 }
    }

    private mutating func requireDigits(_ bytes: Span<UInt8>, _ reason: String) throws(JSONError) {
        guard offset < bytes.count, isDigit(bytes[offset]) else { throw failure(reason) }
        skipDigits(bytes)
    }
}
