internal import Operative
internal import PythonFormat

/// What an expression comes to.
enum RenderValue {
    /// Nothing of that name exists. Renders as nothing.
    case undefined(String)
    case data(PropertyValue)
    /// Something with attributes that is no value, such as `ctx.node`.
    case members([String: TemplateValue])
    case list([TemplateValue])
    /// A method of a value, waiting to be called.
    case method(PropertyValue, String)
    case range
    /// What a loop says of itself, and which element it is at, from 0.
    case loop(PropertyValue, index: Int)
    /// `loop.cycle`, waiting to be called.
    case cycle(Int)

    init(_ value: TemplateValue) async throws {
        switch value {
        case .value(let data): self = .data(data)
        case .members(let members): self = .members(members)
        case .list(let elements): self = .list(elements)
        case .later(let load): self = try await RenderValue(try await load())
        }
    }

    var isTrue: Bool {
        switch self {
        case .undefined: false
        case .data(let value): PythonText.isTrue(value)
        case .members, .method, .range, .loop, .cycle: true
        case .list(let elements): !elements.isEmpty
        }
    }

    /// The text that appears in the output.
    var text: String {
        switch self {
        case .undefined: ""
        case .data(let value), .loop(let value, _): PythonText.string(value)
        case .members, .list, .method, .range, .cycle: "<object>"
        }
    }

    /// The value; an undefined one counts as null.
    func data() throws -> PropertyValue {
        switch self {
        case .undefined: .null
        case .data(let value), .loop(let value, _): value
        case .members, .list, .method, .range, .cycle: throw TemplateFault("an object is used like a value")
        }
    }
}
