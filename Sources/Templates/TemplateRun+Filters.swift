internal import Operative
internal import PythonFormat

extension TemplateRun {
    mutating func filter(
        _ name: String, _ subject: RenderValue, _ arguments: Expression.Arguments
    ) async throws -> RenderValue {
        let given = try await FilterArguments(arguments, run: &self)
        switch name {
        case "default", "d":
            let replacesFalse = try given.value(1, "boolean").map(PythonText.isTrue) ?? false
            if case .undefined = subject { return .data(try given.value(0, "default_value") ?? "") }
            return replacesFalse && !subject.isTrue ? .data(try given.value(0, "default_value") ?? "") : subject
        case "string": return try made(.string(subject.text))
        case "upper", "lower", "capitalize", "title", "trim":
            return try made(.string(try Texts.change(subject.text, name)))
        case "length", "count":
            switch subject {
            case .undefined: return .data(0)
            case .list(let elements): return .data(.integer(elements.count))
            default: return .data(.integer(try Sequences.elements(of: try subject.data()).count))
            }
        case "first", "last":
            let elements = try await elements(of: subject)
            return (name == "first" ? elements.first : elements.last) ?? .undefined("the \(name) element")
        case "join":
            let separator = try given.value(0, "d").map(PythonText.string) ?? ""
            let texts = try await elements(of: subject).map(\.text)
            try budget.work(texts.count * separator.utf8.count)
            return try made(.string(texts.joined(separator: separator)))
        case "replace":
            guard let old = try given.value(0, "old")?.stringValue, let new = try given.value(1, "new")?.stringValue
            else {
                throw TemplateFault("'replace' needs two texts")
            }
            return try made(.string(try Texts.replace(subject.text, old, new)))
        case "indent":
            let text = try Texts.indent(
                subject.text, width: try given.value(0, "width")?.intValue ?? 4,
                first: try given.value(1, "first").map(PythonText.isTrue) ?? false,
                blank: try given.value(2, "blank").map(PythonText.isTrue) ?? false)
            return try made(.string(text))
        case "tojson":
            return try made(
                .string(TemplateJSON.text(try subject.data(), indent: try given.value(0, "indent")?.intValue)))
        case "int", "float", "abs", "round": return .data(try Numbers.filter(name, try subject.data(), given))
        case "list", "sort", "unique", "reverse", "dictsort", "items", "min", "max", "sum":
            return try made(try Lists.filter(name, try subject.data(), given))
        default: throw TemplateFault("no filter named '\(name)'")
        }
    }

    mutating func test(_ name: String, _ subject: RenderValue, _ arguments: Expression.Arguments) async throws -> Bool {
        switch (name, subject) {
        case ("defined", .undefined): return false
        case ("defined", _): return true
        case ("undefined", .undefined): return true
        case ("undefined", _): return false
        default: break
        }
        let other = try await positional(arguments).first
        if case .undefined = subject, name != "none" { return false }
        let value = try subject.data()
        switch name {
        case "none": if case .undefined = subject { return false } else { return value.isNull }
        case "string": return value.stringValue != nil
        case "number": return value.doubleValue != nil || value.boolValue != nil
        case "integer": if case .integer = value { return true } else { return false }
        case "float": if case .double = value { return true } else { return false }
        case "boolean": return value.boolValue != nil
        case "true": return value == true
        case "false": return value == false
        case "mapping": return value.objectValue != nil
        case "sequence", "iterable":
            return value.objectValue != nil || value.arrayValue != nil || value.stringValue != nil
        case "odd": return value.intValue.map { !$0.isMultiple(of: 2) } ?? false
        case "even": return value.intValue?.isMultiple(of: 2) ?? false
        case "divisibleby": return value.intValue?.isMultiple(of: other?.intValue ?? 0) ?? false
        case "eq", "equalto", "sameas": return Comparison.equal(value, other ?? .null)
        case "ne": return !Comparison.equal(value, other ?? .null)
        case "in": return try Comparison.holds("in", value, other ?? .null)
        default: throw TemplateFault("no test named '\(name)'")
        }
    }
}
