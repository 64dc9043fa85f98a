internal import Operative

/// Comparisons as Python makes them.
enum Comparison {
    static func holds(_ sign: String, _ left: PropertyValue, _ right: PropertyValue) throws -> Bool {
        switch sign {
        case "==": equal(left, right)
        case "!=": !equal(left, right)
        case "in": try contains(right, left)
        case "not in": !(try contains(right, left))
        case "<": try isLess(left, right)
        case ">": try isLess(right, left)
        case "<=": try equal(left, right) || isLess(left, right)
        default: try equal(left, right) || isLess(right, left)
        }
    }

    static func equal(_ left: PropertyValue, _ right: PropertyValue) -> Bool {
        switch (left, right) {
        case (.integer(let a), .double(let b)): Double(a) == b
        case (.double(let a), .integer(let b)): a == Double(b)
        default: left == right
        }
    }

    static func isLess(_ left: PropertyValue, _ right: PropertyValue) throws -> Bool {
        switch (left, right) {
        case (.integer(let a), .integer(let b)): return a < b
        case (.string(let a), .string(let b)):
            return a.unicodeScalars.lexicographicallyPrecedes(b.unicodeScalars)
        default:
            guard let a = left.doubleValue, let b = right.doubleValue else {
                throw TemplateFault("\(left.kindDescription) and \(right.kindDescription) have no order")
            }
            return a < b
        }
    }

    private static func contains(_ whole: PropertyValue, _ part: PropertyValue) throws -> Bool {
        switch whole {
        case .string(let text):
            guard let part = part.stringValue else {
                throw TemplateFault("\(part.kindDescription) cannot be looked for in a text")
            }
            return part.isEmpty || text.contains(part)
        case .array(let elements): return elements.contains { equal($0, part) }
        case .object(let members): return part.stringValue.map { members[$0] != nil } ?? false
        default: throw TemplateFault("nothing can be looked for in \(whole.kindDescription)")
        }
    }
}
