import Synchronization

/// What an operation knows of one node instance: properties are loaded once, changes are compared with what was loaded.
final class InstanceState: Sendable {
    private struct State {
        var nodeProperties: [String: PropertyValue]?
        var stored: VersionedProperties?
        var current: [String: PropertyValue] = [:]

        var change: VersionedProperties? {
            guard let stored, stored.properties != current else { return nil }
            return VersionedProperties(properties: current, version: stored.version)
        }
    }

    let reference: NodeReference
    private let backend: any OperationBackend
    private let state = Mutex(State())
    /// One request at a time: two loads would waste one, two saves would conflict with each other.
    private let requests = AsyncLock()

    init(reference: NodeReference, backend: any OperationBackend) {
        self.reference = reference
        self.backend = backend
    }

    /// Whether the runtime properties differ, at any depth, from what the manager has.
    var isChanged: Bool { state.withLock { $0.change != nil } }

    func nodeProperties() async throws -> [String: PropertyValue] {
        if let known = state.withLock({ $0.nodeProperties }) { return known }
        return try await requests.withLock {
            if let known = state.withLock({ $0.nodeProperties }) { return known }
            let properties = try await backend.nodeProperties(of: reference)
            state.withLock { $0.nodeProperties = properties }
            return properties
        }
    }

    func runtimeProperties() async throws -> [String: PropertyValue] {
        try await load()
        return state.withLock { $0.current }
    }

    /// Applies `body` as a whole or, when it throws, not at all.
    func modify<Result: Sendable>(_ body: (inout [String: PropertyValue]) throws -> Result) async throws -> Result {
        try await load()
        return try state.withLock { state in
            var properties = state.current
            let result = try body(&properties)
            state.current = properties
            return result
        }
    }

    func save() async throws {
        guard isChanged else { return }
        try await requests.withLock {
            guard let change = state.withLock({ $0.change }) else { return }
            let stored = try await backend.storeRuntimeProperties(
                change.properties, version: change.version, of: reference)
            state.withLock { state in
                state.stored = stored
                // What was changed while the request was under way stays, to be saved next time.
                if state.current == change.properties { state.current = stored.properties }
            }
        }
    }

    private func load() async throws {
        guard state.withLock({ $0.stored == nil }) else { return }
        try await requests.withLock {
            guard state.withLock({ $0.stored == nil }) else { return }
            let loaded = try await backend.loadRuntimeProperties(of: reference)
            state.withLock { state in
                state.stored = loaded
                state.current = loaded.properties
            }
        }
    }
}
