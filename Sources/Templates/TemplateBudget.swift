internal import Operative

/// What is left of a template's limits.
struct TemplateBudget {
    /// Values may be nested a little deeper than those that tasks and managers bring.
    private static let maximumDepth = 600

    private var limits: TemplateLimits
    private var sinceLook = 0

    init(_ limits: TemplateLimits) { self.limits = limits }

    mutating func step() throws {
        limits.steps -= 1
        guard limits.steps >= 0 else { throw TemplateFault("it does not come to an end") }
        sinceLook += 1
        if sinceLook == 1000 {
            sinceLook = 0
            try Task.checkCancellation()
        }
    }

    mutating func output(_ bytes: Int) throws {
        limits.outputBytes -= bytes
        guard limits.outputBytes >= 0 else { throw TemplateFault("what comes out of it is too large") }
    }

    /// Counts a new value with all that is in it, roughly as it takes of memory when it is written out: a list that holds another one
    /// twice takes as much as one that holds two.
    mutating func work(_ value: PropertyValue, depth: Int = 0) throws {
        guard depth <= Self.maximumDepth else { throw TemplateFault("a value is nested too deeply") }
        switch value {
        case .null, .bool, .integer, .double: try work(16)
        case .string(let text): try work(16 + text.utf8.count)
        case .array(let elements):
            try work(16)
            for element in elements { try work(element, depth: depth + 1) }
        case .object(let members):
            try work(16)
            for (key, member) in members {
                try work(48 + key.utf8.count)
                try work(member, depth: depth + 1)
            }
        }
    }

    mutating func work(_ bytes: Int) throws {
        limits.workBytes -= bytes
        guard limits.workBytes >= 0 else { throw TemplateFault("it makes too many or too large values") }
    }
}
