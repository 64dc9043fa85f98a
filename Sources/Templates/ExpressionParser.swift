internal import Operative

/// Reads expressions with Jinja2's precedence.
struct ExpressionParser {
    /// A deeper expression would exhaust the stack.
    private static let maximumDepth = 64

    private let lexemes: [Lexeme]
    private let line: Int
    private var position = 0
    private var depth = 0

    init(_ lexemes: [Lexeme], line: Int) {
        self.lexemes = lexemes
        self.line = line
    }

    var isAtEnd: Bool { position == lexemes.count }
    var next: Lexeme? { position < lexemes.count ? lexemes[position] : nil }

    func fault(_ reason: String) -> TemplateFault { TemplateFault(reason, line: line) }

    mutating func take(_ lexeme: Lexeme) -> Bool {
        guard next == lexeme else { return false }
        position += 1
        return true
    }

    mutating func expect(_ lexeme: Lexeme) throws {
        guard take(lexeme) else { throw unexpected(expecting: Self.text(lexeme)) }
    }

    mutating func name() throws -> String {
        guard case .name(let name)? = next else { throw unexpected(expecting: "a name") }
        position += 1
        return name
    }

    func expectEnd() throws {
        guard isAtEnd else { throw unexpected(expecting: "the end of the tag") }
    }

    private func unexpected(expecting what: String) -> TemplateFault {
        fault("\(next.map { "'\(Self.text($0))'" } ?? "the end of the tag") where \(what) is expected")
    }

    private static func text(_ lexeme: Lexeme) -> String {
        switch lexeme {
        case .name(let name): name
        case .string(let text): "\(text.prefix(40))"
        case .integer(let number): "\(number)"
        case .double(let number): "\(number)"
        case .sign(let sign): sign
        }
    }

    private mutating func nested<Result>(_ parse: (inout Self) throws -> Result) throws -> Result {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw fault("an expression is nested too deeply") }
        return try parse(&self)
    }

    // MARK: Precedence, loosest first

    mutating func expression() throws -> Expression {
        try nested { parser in
            var value = try parser.or()
            while parser.take(.name("if")) {
                let condition = try parser.or()
                let other = parser.take(.name("else")) ? try parser.expression() : nil
                value = .conditional(then: value, if: condition, else: other)
            }
            return value
        }
    }

    /// One expression, or several separated by commas as a list.
    mutating func expressionOrTuple() throws -> Expression {
        let first = try expression()
        guard next == .sign(",") else { return first }
        var all = [first]
        while take(.sign(",")) {
            guard !isAtEnd, next != .sign(")") else { break }
            all.append(try expression())
        }
        return .list(all)
    }

    /// As ``expression()``, but an `if` that follows is not part of it.
    mutating func or() throws -> Expression {
        var left = try and()
        while take(.name("or")) { left = .or(left, try and()) }
        return left
    }

    private mutating func and() throws -> Expression {
        var left = try not()
        while take(.name("and")) { left = .and(left, try not()) }
        return left
    }

    private mutating func not() throws -> Expression {
        guard take(.name("not")) else { return try comparison() }
        return try nested { .not(try $0.not()) }
    }

    private mutating func comparison() throws -> Expression {
        let left = try sum()
        var operations: [(String, Expression)] = []
        while true {
            if case .sign(let sign)? = next, ["==", "!=", "<", ">", "<=", ">="].contains(sign) {
                position += 1
                operations.append((sign, try sum()))
            } else if take(.name("in")) {
                operations.append(("in", try sum()))
            } else if next == .name("not"), position + 1 < lexemes.count, lexemes[position + 1] == .name("in") {
                position += 2
                operations.append(("not in", try sum()))
            } else {
                return operations.isEmpty ? left : .comparison(left, operations)
            }
        }
    }

    private mutating func sum() throws -> Expression {
        try leftToRight(["+", "-"]) { try $0.concatenation() }
    }

    private mutating func concatenation() throws -> Expression {
        try leftToRight(["~"]) { try $0.product() }
    }

    private mutating func product() throws -> Expression {
        try leftToRight(["*", "/", "//", "%"]) { try $0.unary() }
    }

    private mutating func leftToRight(
        _ signs: [String], _ operand: (inout Self) throws -> Expression
    ) throws -> Expression {
        var left = try operand(&self)
        while case .sign(let sign)? = next, signs.contains(sign) {
            position += 1
            left = .calculation(sign, left, try operand(&self))
        }
        return left
    }

    private mutating func unary(withFilters: Bool = true) throws -> Expression {
        var value: Expression
        if take(.sign("-")) {
            value = .negative(try nested { try $0.unary(withFilters: false) })
        } else if take(.sign("+")) {
            value = try nested { try $0.unary(withFilters: false) }
        } else {
            value = try postfix(try primary())
        }
        if take(.sign("**")) { value = .calculation("**", value, try nested { try $0.unary(withFilters: false) }) }
        return withFilters ? try filters(value) : value
    }

    // MARK: Single values

    private mutating func primary() throws -> Expression {
        guard let lexeme = next else { throw unexpected(expecting: "a value") }
        position += 1
        switch lexeme {
        case .integer(let number): return .literal(.integer(number))
        case .double(let number): return .literal(.double(number))
        case .string(var text):
            while case .string(let more)? = next {
                position += 1
                text += more
            }
            return .literal(.string(text))
        case .name(let name):
            switch name {
            case "true", "True": return .literal(true)
            case "false", "False": return .literal(false)
            case "none", "None": return .literal(.null)
            default: return .name(name)
            }
        case .sign("("):
            if take(.sign(")")) { return .list([]) }
            let value = try nested { try $0.expressionOrTuple() }
            try expect(.sign(")"))
            return value
        case .sign("["): return .list(try elements(until: "]"))
        case .sign("{"): return try object()
        default:
            position -= 1
            throw unexpected(expecting: "a value")
        }
    }

    private mutating func elements(until closing: String) throws -> [Expression] {
        var all: [Expression] = []
        while !take(.sign(closing)) {
            if !all.isEmpty {
                try expect(.sign(","))
                if take(.sign(closing)) { break }
            }
            all.append(try expression())
        }
        return all
    }

    private mutating func object() throws -> Expression {
        var members: [(key: Expression, value: Expression)] = []
        while !take(.sign("}")) {
            if !members.isEmpty {
                try expect(.sign(","))
                if take(.sign("}")) { break }
            }
            let key = try expression()
            try expect(.sign(":"))
            members.append((key, try expression()))
        }
        return .object(members)
    }

    private mutating func postfix(_ start: Expression) throws -> Expression {
        var value = start
        var length = 0
        while let lexeme = next {
            length += 1
            guard length <= Self.maximumDepth else { throw fault("an expression is nested too deeply") }
            switch lexeme {
            case .sign("."):
                position += 1
                if case .integer(let index)? = next {
                    position += 1
                    value = .item(value, .literal(.integer(index)))
                } else {
                    value = .attribute(value, try name())
                }
            case .sign("["):
                position += 1
                value = try subscription(of: value)
            case .sign("("):
                position += 1
                value = .call(value, try arguments())
            default: return value
            }
        }
        return value
    }

    private mutating func subscription(of value: Expression) throws -> Expression {
        let from = next == .sign(":") ? nil : try expression()
        guard take(.sign(":")) else {
            try expect(.sign("]"))
            guard let from else { throw unexpected(expecting: "an index") }
            return .item(value, from)
        }
        let to = next == .sign("]") ? nil : try expression()
        try expect(.sign("]"))
        return .slice(value, from: from, to: to)
    }

    private mutating func arguments() throws -> Expression.Arguments {
        var arguments = Expression.Arguments()
        var isFirst = true
        while !take(.sign(")")) {
            if !isFirst {
                try expect(.sign(","))
                if take(.sign(")")) { break }
            }
            isFirst = false
            if case .name(let name)? = next, position + 1 < lexemes.count, lexemes[position + 1] == .sign("=") {
                position += 2
                arguments.named[name] = try expression()
            } else {
                arguments.positional.append(try expression())
            }
        }
        return arguments
    }

    private mutating func filters(_ start: Expression) throws -> Expression {
        var value = start
        var length = 0
        while true {
            length += 1
            guard length <= Self.maximumDepth else { throw fault("an expression is nested too deeply") }
            if take(.sign("|")) {
                let name = try name()
                value = .filter(value, name, take(.sign("(")) ? try arguments() : Expression.Arguments())
            } else if take(.name("is")) {
                let isNegated = take(.name("not"))
                let name = try name()
                value = .test(value, name, try testArguments(), isNegated: isNegated)
            } else {
                return value
            }
        }
    }

    private mutating func testArguments() throws -> Expression.Arguments {
        if take(.sign("(")) { return try arguments() }
        switch next {
        case .string, .integer, .double, .sign("["), .sign("{"):
            return Expression.Arguments(positional: [try postfix(try primary())])
        case .name(let name) where !["and", "or", "not", "if", "else", "is", "in"].contains(name):
            return Expression.Arguments(positional: [try postfix(try primary())])
        default: return Expression.Arguments()
        }
    }
}
