internal import Operative

/// Values by name that a script's words look into: `ctx node properties a.b`. What names one of Python's methods of dictionaries calls
/// that, as in the original.
struct CtxMapping: Sendable {
    /// All there is.
    let read: @Sendable () async throws -> [String: PropertyValue]
    /// Changes it, as a whole or not at all; throws for what cannot be changed.
    let modify:
        @Sendable (@Sendable (inout [String: PropertyValue]) throws -> PropertyValue) async throws -> PropertyValue

    /// Runtime properties.
    init(_ instance: NodeInstance) {
        read = { try await instance.runtimeProperties }
        modify = { body in try await instance.modifyRuntimeProperties { try body(&$0) } }
    }

    /// Values that nobody can change.
    init(fixed refusal: CtxFault, _ read: @escaping @Sendable () async throws -> [String: PropertyValue]) {
        self.read = read
        modify = { _ in throw refusal }
    }

    /// Values of the task or the manager.
    init(of what: String, _ read: @escaping @Sendable () async throws -> [String: PropertyValue]) {
        self.init(fixed: .nonRecoverable("\(what) cannot be changed by a script"), read)
    }

    func get(_ path: String) async throws -> PropertyValue { try CtxPath(path).value(in: try await read()) }

    func set(_ path: String, to value: PropertyValue) async throws {
        _ = try await modify { members in
            try CtxPath(path).set(value, in: &members)
            return .null
        }
    }

    /// One of Python's methods of dictionaries; nil for other names.
    func method(_ name: String) -> CtxFunction? {
        switch name {
        case "get":
            return function(name, [.required("key"), .optional("default")]) { arguments in
                try await read()[try arguments.text("key")] ?? arguments["default"] ?? .null
            }
        case "keys": return function(name) { _ in PropertyValue(texts: try await read().keys.sorted()) }
        case "values":
            return function(name) { _ in .array(try await read().sorted { $0.key < $1.key }.map(\.value)) }
        case "items":
            return function(name) { _ in
                .array(try await read().sorted { $0.key < $1.key }.map { [.string($0.key), $0.value] })
            }
        case "copy": return function(name) { _ in .object(try await read()) }
        case "pop":
            return function(name, [.required("key"), .optional("default")]) { arguments in
                let key = try arguments.text("key")
                return try await modify { $0.removeValue(forKey: key) ?? arguments["default"] ?? .null }
            }
        case "setdefault":
            return function(name, [.required("key"), .optional("default")]) { arguments in
                let key = try arguments.text("key")
                return try await modify { members in
                    let value = members[key] ?? arguments["default"] ?? .null
                    members[key] = value
                    return value
                }
            }
        case "update":
            var update = function(name) { arguments in
                guard arguments.rest.isEmpty else {
                    throw CtxFault.type("update() takes one object (@{…})")
                }
                return try await modify { members in
                    members.merge(arguments.values) { _, new in new }
                    return .null
                }
            }
            update.isVariadic = true
            return update
        case "clear":
            return function(name) { _ in
                try await modify { members in
                    members = [:]
                    return .null
                }
            }
        default: return nil
        }
    }

    private func function(
        _ name: String, _ parameters: [CtxFunction.Parameter] = [],
        _ body: @escaping @Sendable (CtxFunction.Arguments) async throws -> PropertyValue
    ) -> CtxFunction {
        CtxFunction(name: name, parameters: parameters) { .value(try await body($0)) }
    }
}
