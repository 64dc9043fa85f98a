internal import Operative

/// Filters that make numbers.
enum Numbers {
    static func filter(_ name: String, _ value: PropertyValue, _ arguments: FilterArguments) throws -> PropertyValue {
        switch name {
        case "int": return try integer(value) ?? arguments.value(0, "default") ?? 0
        case "float":
            if let number = value.doubleValue { return .double(number) }
            return try value.stringValue.flatMap { Double(trimmed($0)) }.map { .double($0) }
                ?? arguments.value(0, "default") ?? .double(0)
        case "abs":
            switch value {
            case .integer(let number) where number != .min: return .integer(Swift.abs(number))
            case .double(let number): return .double(Swift.abs(number))
            default: throw TemplateFault("'abs' is for numbers")
            }
        default: return try round(value, arguments)
        }
    }

    private static func integer(_ value: PropertyValue) throws -> PropertyValue? {
        switch value {
        case .integer: return value
        case .bool(let flag): return .integer(flag ? 1 : 0)
        case .double(let number): return Int(exactly: number.rounded(.towardZero)).map { .integer($0) }
        case .string(let text):
            let text = trimmed(text)
            if let number = Int(text) { return .integer(number) }
            return Double(text).flatMap { Int(exactly: $0.rounded(.towardZero)) }.map { .integer($0) }
        default: return nil
        }
    }

    private static func round(_ value: PropertyValue, _ arguments: FilterArguments) throws -> PropertyValue {
        guard let number = value.doubleValue else { throw TemplateFault("'round' is for numbers") }
        let digits = try arguments.value(0, "precision")?.intValue ?? 0
        guard (0...15).contains(digits) else { throw TemplateFault("'round' takes 0 to 15 digits") }
        var factor = 1.0
        for _ in 0..<digits { factor *= 10 }
        let rule: FloatingPointRoundingRule
        switch try arguments.value(1, "method")?.stringValue ?? "common" {
        case "ceil": rule = .up
        case "floor": rule = .down
        default: rule = .toNearestOrEven
        }
        return .double((number * factor).rounded(rule) / factor)
    }

    private static func trimmed(_ text: String) -> String {
        (try? Texts.change(text, "strip")) ?? text
    }
}
