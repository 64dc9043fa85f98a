internal import Operative
internal import PythonFormat

/// Something that a script's words can call.
struct CtxFunction: Sendable {
    struct Parameter: Sendable {
        let name: String
        let isRequired: Bool

        static func required(_ name: String) -> Parameter { Parameter(name: name, isRequired: true) }
        static func optional(_ name: String) -> Parameter { Parameter(name: name, isRequired: false) }
    }

    let name: String
    let parameters: [Parameter]
    /// Whether further positional arguments are taken, and any argument by name.
    var isVariadic = false
    let body: @Sendable (Arguments) async throws -> CtxItem

    /// Calls it with all that is left of a script's words; a trailing object is arguments by name.
    func call(_ words: ArraySlice<PropertyValue>) async throws -> CtxItem {
        var positional = Array(words)
        var named: [String: PropertyValue] = [:]
        if case .object(let members)? = positional.last {
            named = members
            positional.removeLast()
        }
        return try await body(try bound(positional, named))
    }

    private func bound(_ positional: [PropertyValue], _ named: [String: PropertyValue]) throws(CtxFault) -> Arguments {
        guard isVariadic || positional.count <= parameters.count else {
            throw .type(
                "\(name)() takes \(Self.count(parameters.count, "argument")) but \(Self.wasOrWere(positional.count)) given\(expectation)"
            )
        }
        var values: [String: PropertyValue] = [:]
        for (parameter, value) in zip(parameters, positional) { values[parameter.name] = value }
        for (key, value) in named {
            guard isVariadic || parameters.contains(where: { $0.name == key }) else {
                throw .type("\(name)() got an unexpected keyword argument '\(key)'\(expectation)")
            }
            guard values[key] == nil else { throw .type("\(name)() got multiple values for argument '\(key)'") }
            values[key] = value
        }
        let missing = parameters.filter { $0.isRequired && values[$0.name] == nil }.map { "'\($0.name)'" }
        guard missing.isEmpty else {
            throw .type(
                "\(name)() missing \(Self.count(missing.count, "required positional argument")): \(missing.joined(separator: " and "))"
            )
        }
        return Arguments(function: name, values: values, rest: Array(positional.dropFirst(parameters.count)))
    }

    private var expectation: String {
        let names = parameters.map { $0.isRequired ? $0.name : "[\($0.name)]" }
        return ": it takes " + (names.isEmpty ? "none" : names.joined(separator: ", "))
    }

    private static func count(_ number: Int, _ what: String) -> String {
        number == 1 ? "1 \(what)" : "\(number) \(what)s"
    }

    private static func wasOrWere(_ number: Int) -> String { number == 1 ? "1 was" : "\(number) were" }

    /// Arguments by the names of their parameters.
    struct Arguments: Sendable {
        let function: String
        let values: [String: PropertyValue]
        /// Positional arguments behind the last parameter of a function that takes any number.
        let rest: [PropertyValue]

        /// An argument of any kind; nil when it is missing.
        subscript(_ name: String) -> PropertyValue? { values[name] }

        /// A text that must be there.
        func text(_ name: String) throws(CtxFault) -> String {
            guard case .string(let text)? = values[name] else { throw wrong(name, "a string") }
            return text
        }

        /// A text; nil when it is missing or null.
        func optionalText(_ name: String) throws(CtxFault) -> String? {
            switch values[name] {
            case nil, .null?: nil
            case .string(let text)?: text
            default: throw wrong(name, "a string")
            }
        }

        /// Values by name; empty when it is missing or null.
        func object(_ name: String) throws(CtxFault) -> [String: PropertyValue] {
            switch values[name] {
            case nil, .null?: [:]
            case .object(let members)?: members
            default: throw wrong(name, "an object (@{…})")
            }
        }

        /// Whether it is there and true, as Python sees it.
        func flag(_ name: String) -> Bool { values[name].map { PythonText.isTrue($0) } ?? false }

        /// The error of an argument that is of the wrong kind.
        func wrong(_ name: String, _ needed: String) -> CtxFault {
            .type("\(function)(): argument '\(name)' must be \(needed), not \((values[name] ?? .null).kindDescription)")
        }
    }
}
