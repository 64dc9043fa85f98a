internal import Operative

/// Calculations as Python makes them, except that whole numbers end at 64 bits.
enum Arithmetic {
    static func calculate(_ sign: String, _ left: PropertyValue, _ right: PropertyValue) throws -> PropertyValue {
        switch (left, right) {
        case (.integer(let a), .integer(let b)) where sign != "/": return .integer(try whole(sign, a, b))
        case (.string(let a), .string(let b)) where sign == "+": return .string(a + b)
        case (.array(let a), .array(let b)) where sign == "+": return .array(a + b)
        case (.string(let text), .integer(let count)) where sign == "*":
            return .string(String(repeating: text, count: max(count, 0)))
        default:
            guard let a = left.doubleValue, let b = right.doubleValue else {
                throw TemplateFault("'\(sign)' does not fit \(left.kindDescription) and \(right.kindDescription)")
            }
            return .double(try fraction(sign, a, b))
        }
    }

    /// What a text repeated takes, known before it is made.
    static func sizeOfProduct(_ left: PropertyValue, _ right: PropertyValue) throws -> Int {
        guard let text = left.stringValue, let count = right.intValue else { return 0 }
        let (size, overflow) = max(count, 0).multipliedReportingOverflow(by: text.utf8.count)
        guard !overflow else { throw TemplateFault("a text is repeated too often") }
        return size
    }

    private static func whole(_ sign: String, _ a: Int, _ b: Int) throws -> Int {
        let result: (Int, Bool)
        switch sign {
        case "+": result = a.addingReportingOverflow(b)
        case "-": result = a.subtractingReportingOverflow(b)
        case "*": result = a.multipliedReportingOverflow(by: b)
        case "//", "%":
            guard b != 0 else { throw TemplateFault("division by zero") }
            guard !(a == .min && b == -1) else { throw TemplateFault("a number is too large") }
            let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
            // Rounded down, so that the remainder has the divisor's sign.
            let isRoundedUp = remainder != 0 && (remainder < 0) != (b < 0)
            return sign == "//" ? quotient - (isRoundedUp ? 1 : 0) : remainder + (isRoundedUp ? b : 0)
        default: return try power(a, b)
        }
        guard !result.1 else { throw TemplateFault("a number is too large") }
        return result.0
    }

    private static func power(_ base: Int, _ exponent: Int) throws -> Int {
        guard exponent >= 0 else { throw TemplateFault("the exponent is negative") }
        if exponent == 0 || base == 1 { return 1 }
        if base == 0 { return 0 }
        if base == -1 { return exponent.isMultiple(of: 2) ? 1 : -1 }
        var result = 1
        for _ in 0..<min(exponent, 64) {
            let (product, overflow) = result.multipliedReportingOverflow(by: base)
            guard !overflow else { throw TemplateFault("a number is too large") }
            result = product
        }
        return result
    }

    private static func fraction(_ sign: String, _ a: Double, _ b: Double) throws -> Double {
        if ["/", "//", "%"].contains(sign), b == 0 { throw TemplateFault("division by zero") }
        switch sign {
        case "+": return a + b
        case "-": return a - b
        case "*": return a * b
        case "/": return a / b
        case "//": return (a / b).rounded(.down)
        case "%": return a - (a / b).rounded(.down) * b
        default: throw TemplateFault("'\(sign)' is for whole numbers only")
        }
    }
}
