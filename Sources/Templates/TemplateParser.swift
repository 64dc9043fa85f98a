/// Puts parts together to nodes.
struct TemplateParser {
    private static let maximumDepth = 32
    private static let refused = [
        "include": "files are not included", "import": "files are not imported", "from": "files are not imported",
        "extends": "templates are not inherited", "block": "templates are not inherited",
        "macro": "macros are not supported", "call": "macros are not supported",
    ]

    private let parts: [TemplatePart]
    private var position = 0
    private var depth = 0

    init(parts: [TemplatePart]) { self.parts = parts }

    mutating func parse() throws -> [TemplateNode] {
        let (nodes, end) = try nodes(until: [], opened: nil)
        if let end { throw TemplateFault("'\(end.name)' does not belong here", line: end.line) }
        return nodes
    }

    private struct End {
        let name: String
        let line: Int
        let rest: [Lexeme]
    }

    private mutating func nodes(
        until ends: [String], opened: (name: String, line: Int)?
    ) throws -> ([TemplateNode], End?) {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else {
            throw TemplateFault("tags are nested too deeply", line: opened?.line)
        }
        var nodes: [TemplateNode] = []
        while position < parts.count {
            let part = parts[position]
            position += 1
            switch part.kind {
            case .text(let text): nodes.append(.text(text))
            case .output(let lexemes):
                var parser = ExpressionParser(lexemes, line: part.line)
                let value = try parser.expressionOrTuple()
                try parser.expectEnd()
                nodes.append(.output(value, line: part.line))
            case .tag(let lexemes):
                guard case .name(let name)? = lexemes.first else {
                    throw TemplateFault("a tag has no name", line: part.line)
                }
                if ends.contains(name) {
                    return (nodes, End(name: name, line: part.line, rest: Array(lexemes.dropFirst())))
                }
                nodes.append(try tag(name, Array(lexemes.dropFirst()), part.line))
            }
        }
        if let opened { throw TemplateFault("'\(opened.name)' is not closed", line: opened.line) }
        return (nodes, nil)
    }

    private mutating func tag(_ name: String, _ rest: [Lexeme], _ line: Int) throws -> TemplateNode {
        switch name {
        case "if": return try choice(rest, line)
        case "for": return try loop(rest, line)
        case "set": return try set(rest, line)
        case "with": return try with(rest, line)
        default:
            throw TemplateFault(Self.refused[name] ?? "there is no tag '\(name)'", line: line)
        }
    }

    /// The nodes up to one of `ends`, and which it was.
    private mutating func body(_ ends: [String], _ name: String, _ line: Int) throws -> ([TemplateNode], End) {
        let (nodes, end) = try nodes(until: ends, opened: (name, line))
        guard let end else { throw TemplateFault("'\(name)' is not closed", line: line) }
        return (nodes, end)
    }

    private func whole(_ lexemes: [Lexeme], _ line: Int) throws -> Expression {
        var parser = ExpressionParser(lexemes, line: line)
        let value = try parser.expressionOrTuple()
        try parser.expectEnd()
        return value
    }

    private mutating func choice(_ rest: [Lexeme], _ line: Int) throws -> TemplateNode {
        var branches: [TemplateNode.Branch] = []
        var condition: Expression? = try whole(rest, line)
        while true {
            let ends = condition == nil ? ["endif"] : ["elif", "else", "endif"]
            let (nodes, end) = try body(ends, "if", line)
            branches.append(TemplateNode.Branch(condition: condition, body: nodes))
            switch end.name {
            case "elif": condition = try whole(end.rest, end.line)
            case "else": condition = nil
            default: return .choice(branches, line: line)
            }
        }
    }

    private mutating func loop(_ rest: [Lexeme], _ line: Int) throws -> TemplateNode {
        var parser = ExpressionParser(rest, line: line)
        let targets = try Self.targets(&parser)
        try parser.expect(.name("in"))
        let source = try parser.or()
        let condition = parser.take(.name("if")) ? try parser.expression() : nil
        guard parser.isAtEnd else { throw TemplateFault("'for' is not understood: only 'for … in … if …'", line: line) }
        let (nodes, end) = try body(["else", "endfor"], "for", line)
        let otherwise = end.name == "else" ? try body(["endfor"], "for", line).0 : []
        return .loop(
            TemplateNode.Loop(
                targets: targets, source: source, condition: condition, body: nodes, otherwise: otherwise), line: line)
    }

    private mutating func set(_ rest: [Lexeme], _ line: Int) throws -> TemplateNode {
        var parser = ExpressionParser(rest, line: line)
        let targets = try Self.targets(&parser)
        if parser.isAtEnd, targets.count == 1 {
            return .capture(targets[0], try body(["endset"], "set", line).0, line: line)
        }
        guard parser.take(.sign("=")) else {
            throw TemplateFault("'set' is not understood: only names can be set", line: line)
        }
        let value = try parser.expressionOrTuple()
        try parser.expectEnd()
        return .set(targets: targets, value, line: line)
    }

    private mutating func with(_ rest: [Lexeme], _ line: Int) throws -> TemplateNode {
        var parser = ExpressionParser(rest, line: line)
        var values: [(name: String, value: Expression)] = []
        while !parser.isAtEnd {
            if !values.isEmpty { try parser.expect(.sign(",")) }
            let name = try parser.name()
            try parser.expect(.sign("="))
            values.append((name, try parser.expression()))
        }
        return .scope(values, try body(["endwith"], "with", line).0, line: line)
    }

    private static func targets(_ parser: inout ExpressionParser) throws -> [String] {
        let isInParentheses = parser.take(.sign("("))
        var names = [try parser.name()]
        while parser.take(.sign(",")) { names.append(try parser.name()) }
        if isInParentheses { try parser.expect(.sign(")")) }
        return names
    }
}
