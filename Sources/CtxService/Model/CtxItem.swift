internal import Operative

/// What a script's words can lead to.
enum CtxItem: Sendable {
    /// A value that JSON can express.
    case value(PropertyValue)
    /// Values by name, which words may look into and perhaps change.
    case mapping(CtxMapping)
    /// Something with attributes.
    case object(CtxObject)
    /// Something to be called.
    case function(CtxFunction)
    /// The end of the script: the client is to print the message and exit with status 1.
    case stop(String)
}

/// Something with attributes that is no value, such as the context itself.
struct CtxObject: Sendable {
    typealias Attribute = @Sendable () async throws -> CtxItem

    /// The class's name in the original.
    let type: String
    let attributes: [String: Attribute]
    /// What stands for the whole; nil when nothing can.
    var whole: PropertyValue?
}

extension [String: CtxObject.Attribute] {
    /// Adds an attribute that is known or cheap.
    mutating func value(_ name: String, _ value: @autoclosure @escaping @Sendable () throws -> PropertyValue) {
        self[name] = { .value(try value()) }
    }

    /// Adds an attribute that may need a request.
    mutating func fetched(_ name: String, _ value: @escaping @Sendable () async throws -> PropertyValue) {
        self[name] = { .value(try await value()) }
    }

    /// Adds a method.
    mutating func method(
        _ name: String, _ parameters: [CtxFunction.Parameter] = [],
        _ body: @escaping @Sendable (CtxFunction.Arguments) async throws -> CtxItem
    ) {
        let function = CtxFunction(name: name, parameters: parameters, body: body)
        self[name] = { .function(function) }
    }
}

extension PropertyValue {
    /// Text, or null.
    init(text: String?) { self = text.map { .string($0) } ?? .null }
    /// A list of texts.
    init(texts: [String]) { self = .array(texts.map { .string($0) }) }
}
