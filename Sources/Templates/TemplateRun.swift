internal import Operative

/// One rendering of a template.
struct TemplateRun {
    private(set) var text = ""
    var budget: TemplateBudget
    private var scopes: [[String: RenderValue]] = [[:]]
    private let variables: [String: TemplateValue]

    init(variables: [String: TemplateValue], budget: TemplateBudget) {
        self.variables = variables
        self.budget = budget
    }

    mutating func render(_ nodes: [TemplateNode]) async throws {
        for node in nodes {
            try budget.step()
            switch node {
            case .text(let text): try write(text)
            case .output(let expression, let line):
                try await at(line) { run in try run.write(try await run.value(of: expression).text) }
            case .choice(let branches, let line): try await choose(branches, line)
            case .loop(let loop, let line): try await run(loop, line)
            case .set(let targets, let expression, let line):
                try await at(line) { run in
                    try await run.assign(try await run.value(of: expression), to: targets)
                }
            case .capture(let name, let nodes, _):
                let outer = text
                text = ""
                try await render(nodes)
                scopes[scopes.count - 1][name] = .data(.string(text))
                text = outer
            case .scope(let values, let nodes, let line):
                var scope: [String: RenderValue] = [:]
                for (name, expression) in values {
                    scope[name] = try await at(line) { run in try await run.value(of: expression) }
                }
                scopes.append(scope)
                try await render(nodes)
                scopes.removeLast()
            }
        }
    }

    /// The value of a name, wherever it was set.
    func lookUp(_ name: String) async throws -> RenderValue {
        for scope in scopes.reversed() {
            if let value = scope[name] { return value }
        }
        if let variable = variables[name] { return try await RenderValue(variable) }
        return name == "range" ? .range : .undefined(name)
    }

    private mutating func write(_ piece: String) throws {
        try budget.output(piece.utf8.count)
        text += piece
    }

    /// Faults of `body` that name no line get this one.
    private mutating func at<Result>(
        _ line: Int, _ body: (inout TemplateRun) async throws -> Result
    ) async throws -> Result {
        do {
            return try await body(&self)
        } catch var fault as TemplateFault {
            fault.line = fault.line ?? line
            throw fault
        }
    }

    private mutating func choose(_ branches: [TemplateNode.Branch], _ line: Int) async throws {
        for branch in branches {
            guard let condition = branch.condition else { return try await render(branch.body) }
            if try await at(line, { run in try await run.value(of: condition).isTrue }) {
                return try await render(branch.body)
            }
        }
    }

    private mutating func run(_ loop: TemplateNode.Loop, _ line: Int) async throws {
        var elements = try await at(line) { run in
            try await run.elements(of: try await run.value(of: loop.source))
        }
        if let condition = loop.condition {
            var kept: [RenderValue] = []
            for element in elements {
                scopes.append([:])
                try await at(line) { run in
                    try await run.assign(element, to: loop.targets)
                    if try await run.value(of: condition).isTrue { kept.append(element) }
                }
                scopes.removeLast()
            }
            elements = kept
        }
        guard !elements.isEmpty else { return try await render(loop.otherwise) }
        for (index, element) in elements.enumerated() {
            scopes.append(["loop": .loop(Self.loop(index, of: elements.count), index: index)])
            try await at(line) { run in try await run.assign(element, to: loop.targets) }
            try await render(loop.body)
            scopes.removeLast()
        }
    }

    private static func loop(_ index: Int, of count: Int) -> PropertyValue {
        [
            "index": .integer(index + 1), "index0": .integer(index), "revindex": .integer(count - index),
            "revindex0": .integer(count - index - 1), "first": .bool(index == 0), "last": .bool(index == count - 1),
            "length": .integer(count),
        ]
    }

    private mutating func assign(_ value: RenderValue, to targets: [String]) async throws {
        guard targets.count > 1 else {
            if let target = targets.first { scopes[scopes.count - 1][target] = value }
            return
        }
        let elements = try await elements(of: value)
        guard elements.count == targets.count else {
            throw TemplateFault("\(elements.count) values do not fit \(targets.count) names")
        }
        for (target, element) in zip(targets, elements) { scopes[scopes.count - 1][target] = element }
    }

    /// What a loop goes through.
    mutating func elements(of value: RenderValue) async throws -> [RenderValue] {
        switch value {
        case .undefined: return []
        case .list(let elements):
            var values: [RenderValue] = []
            for element in elements { values.append(try await RenderValue(element)) }
            return values
        case .data(let data): return try Sequences.elements(of: data).map { .data($0) }
        case .members, .method, .range, .loop, .cycle: throw TemplateFault("an object has no elements")
        }
    }
}
