internal import Operative
internal import PythonFormat

extension TemplateRun {
    mutating func value(of expression: Expression) async throws -> RenderValue {
        try budget.step()
        switch expression {
        case .literal(let value): return .data(value)
        case .name(let name): return try await lookUp(name)
        case .list(let elements):
            var values: [PropertyValue] = []
            for element in elements { values.append(try await data(of: element)) }
            return try made(.array(values))
        case .object(let members):
            var values: [String: PropertyValue] = [:]
            for (key, value) in members {
                let key = PythonText.string(try await data(of: key))
                values[key] = try await data(of: value)
            }
            return try made(.object(values))
        case .attribute(let owner, let name):
            return try await attribute(name, of: try await value(of: owner), called: owner)
        case .item(let owner, let key):
            let key = try await data(of: key)
            return try await item(key, of: try await value(of: owner), called: owner)
        case .slice(let owner, let from, let to): return try await slice(owner, from, to)
        case .call(let callee, let arguments): return try await call(callee, arguments)
        case .filter(let subject, let name, let arguments):
            return try await filter(name, try await value(of: subject), arguments)
        case .test(let subject, let name, let arguments, let isNegated):
            let result = try await test(name, try await value(of: subject), arguments)
            return .data(.bool(result != isNegated))
        case .negative(let operand): return .data(try Arithmetic.calculate("-", 0, try await data(of: operand)))
        case .not(let operand): return .data(.bool(!(try await value(of: operand).isTrue)))
        case .and(let left, let right):
            let first = try await value(of: left)
            return first.isTrue ? try await value(of: right) : first
        case .or(let left, let right):
            let first = try await value(of: left)
            return first.isTrue ? first : try await value(of: right)
        case .calculation(let sign, let left, let right): return try await calculate(sign, left, right)
        case .comparison(let first, let operations): return try await compare(first, operations)
        case .conditional(let then, let condition, let other):
            if try await value(of: condition).isTrue { return try await value(of: then) }
            guard let other else { return .undefined("the inline if-expression") }
            return try await value(of: other)
        }
    }

    mutating func data(of expression: Expression) async throws -> PropertyValue {
        try await value(of: expression).data()
    }

    /// Counts a new value.
    mutating func made(_ value: PropertyValue) throws -> RenderValue {
        try budget.work(value)
        return .data(value)
    }

    private func attribute(
        _ name: String, of owner: RenderValue, called expression: Expression
    ) async throws -> RenderValue {
        switch owner {
        case .undefined(let what): throw TemplateFault("'\(what)' is undefined")
        case .members(let members):
            guard let member = members[name] else { return .undefined(name) }
            return try await RenderValue(member)
        case .data(let value):
            if Methods.exist(name, on: value) { return .method(value, name) }
            return value[name].map { .data($0) } ?? .undefined(name)
        case .loop(let value, let index):
            if name == "cycle" { return .cycle(index) }
            return value[name].map { .data($0) } ?? .undefined(name)
        case .list, .method, .range, .cycle: return .undefined(name)
        }
    }

    private func item(
        _ key: PropertyValue, of owner: RenderValue, called expression: Expression
    ) async throws -> RenderValue {
        switch owner {
        case .undefined(let what): throw TemplateFault("'\(what)' is undefined")
        case .members(let members):
            let name = PythonText.string(key)
            guard let member = members[name] else { return .undefined(name) }
            return try await RenderValue(member)
        case .list(let elements):
            guard let index = key.intValue else { return .undefined(PythonText.string(key)) }
            let place = index < 0 ? elements.count &+ index : index
            guard elements.indices.contains(place) else { return .undefined("\(index)") }
            return try await RenderValue(elements[place])
        case .data(let value), .loop(let value, _):
            if let members = value.objectValue {
                return members[PythonText.string(key)].map { .data($0) } ?? .undefined(PythonText.string(key))
            }
            guard let index = key.intValue, value.arrayValue != nil || value.stringValue != nil else {
                return .undefined(PythonText.string(key))
            }
            return Sequences.element(try Sequences.elements(of: value), at: index).map { .data($0) }
                ?? .undefined("\(index)")
        case .method, .range, .cycle: return .undefined(PythonText.string(key))
        }
    }

    private mutating func slice(_ owner: Expression, _ from: Expression?, _ to: Expression?) async throws -> RenderValue
    {
        let value = try await data(of: owner)
        var bounds: [Int?] = []
        for bound in [from, to] {
            guard let bound else {
                bounds.append(nil)
                continue
            }
            bounds.append(try await data(of: bound).intValue)
        }
        let part = Sequences.slice(try Sequences.elements(of: value), from: bounds[0], to: bounds[1])
        guard value.stringValue != nil else { return try made(.array(part)) }
        return try made(.string(part.compactMap(\.stringValue).joined()))
    }

    private mutating func call(_ callee: Expression, _ arguments: Expression.Arguments) async throws -> RenderValue {
        let callee = try await value(of: callee)
        let values = try await positional(arguments)
        switch callee {
        case .method(let owner, let name): return try made(try Methods.call(name, on: owner, values))
        case .range:
            let numbers = values.compactMap(\.intValue)
            guard numbers.count == values.count, (1...3).contains(numbers.count) else {
                throw TemplateFault("'range' needs one to three whole numbers")
            }
            return try range(numbers)
        case .cycle(let index):
            guard !values.isEmpty else { throw TemplateFault("'loop.cycle' needs at least one value") }
            return .data(values[index % values.count])
        case .undefined(let what): throw TemplateFault("'\(what)' is undefined")
        case .data, .members, .list, .loop: throw TemplateFault("a value is called like a function")
        }
    }

    private mutating func range(_ numbers: [Int]) throws -> RenderValue {
        let start = numbers.count > 1 ? numbers[0] : 0
        let end = numbers.count > 1 ? numbers[1] : numbers[0]
        let step = numbers.count > 2 ? numbers[2] : 1
        guard step != 0 else { throw TemplateFault("the step of 'range' must not be 0") }
        var values: [PropertyValue] = []
        var current = start
        while step > 0 ? current < end : current > end {
            try budget.step()
            values.append(.integer(current))
            let (sum, overflow) = current.addingReportingOverflow(step)
            guard !overflow else { break }
            current = sum
        }
        return try made(.array(values))
    }

    mutating func positional(_ arguments: Expression.Arguments) async throws -> [PropertyValue] {
        var values: [PropertyValue] = []
        for argument in arguments.positional { values.append(try await data(of: argument)) }
        return values
    }

    private mutating func calculate(_ sign: String, _ left: Expression, _ right: Expression) async throws -> RenderValue
    {
        let first = try await value(of: left)
        let second = try await value(of: right)
        if sign == "~" { return try made(.string(first.text + second.text)) }
        for operand in [first, second] {
            if case .undefined(let what) = operand { throw TemplateFault("'\(what)' is undefined") }
        }
        if sign == "*" { try budget.work(try Arithmetic.sizeOfProduct(try first.data(), try second.data())) }
        return try made(try Arithmetic.calculate(sign, try first.data(), try second.data()))
    }

    private mutating func compare(_ first: Expression, _ operations: [(String, Expression)]) async throws -> RenderValue
    {
        var left = try await value(of: first)
        for (sign, expression) in operations {
            let right = try await value(of: expression)
            let holds: Bool
            switch (sign, left, right) {
            case ("==", .undefined, .undefined): holds = true
            case ("==", .undefined, _), ("==", _, .undefined): holds = false
            case ("!=", .undefined, .undefined): holds = false
            case ("!=", .undefined, _), ("!=", _, .undefined): holds = true
            case ("in", _, .undefined): holds = false
            case ("not in", _, .undefined): holds = true
            default: holds = try Comparison.holds(sign, try left.data(), try right.data())
            }
            guard holds else { return .data(false) }
            left = right
        }
        return .data(true)
    }
}
