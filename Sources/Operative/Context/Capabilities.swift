/// The runtime properties of everything that an instance has a relationship to.
public struct Capabilities: Sendable {
    let instance: NodeInstance

    /// The runtime properties of each target, by its instance's id.
    ///
    /// - Throws: the manager's error.
    public var all: [String: [String: PropertyValue]] {
        get async throws {
            var all: [String: [String: PropertyValue]] = [:]
            for relationship in try await instance.relationships {
                let target = relationship.target.instance
                if all[target.id] == nil { all[target.id] = try await target.runtimeProperties }
            }
            return all
        }
    }

    /// The runtime property `key` of the one target that has it.
    ///
    /// - Throws: ``NonRecoverableError`` when none has it, or more than one; else the manager's error.
    public subscript(key: String) -> PropertyValue {
        get async throws {
            guard let value = try await find(key) else {
                throw NonRecoverableError("capability '\(key)' not found [capabilities=\(try await text)]")
            }
            return value
        }
    }

    /// Whether exactly one target has the runtime property `key`.
    ///
    /// - Throws: ``NonRecoverableError`` when more than one has it; else the manager's error.
    public func contains(_ key: String) async throws -> Bool { try await find(key) != nil }

    private func find(_ key: String) async throws -> PropertyValue? {
        let values = try await all.values.compactMap { $0[key] }
        guard values.count < 2 else {
            throw NonRecoverableError("'\(key)' capability ambiguity [capabilities=\(try await text)]")
        }
        return values.first
    }

    /// Names only: a value may be a secret.
    private var text: String {
        get async throws {
            try await all.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.keys.sorted())" }
                .joined(separator: ", ")
        }
    }
}
