import Synchronization

/// What an operation knows of one node instance: it is loaded once, changes are compared with what was loaded.
final class InstanceState: Sendable {
    private struct State {
        var node: NodeRecord?
        var record: NodeInstanceRecord?
        var current: [String: PropertyValue] = [:]

        var isChanged: Bool { record.map { $0.runtimeProperties != current } ?? false }
    }

    let id: String
    private let backend: any OperationBackend
    private let manager: any ManagerAccess
    private let state = Mutex(State())
    /// One request at a time: two loads would waste one, two saves would conflict with each other.
    private let requests = AsyncLock()

    init(id: String, backend: any OperationBackend, manager: any ManagerAccess) {
        self.id = id
        self.backend = backend
        self.manager = manager
    }

    /// Whether the runtime properties differ, at any depth, from what the manager has.
    var isChanged: Bool { state.withLock { $0.isChanged } }

    // MARK: Reading

    /// The instance's node, evaluated for the instance.
    func node(_ nodeID: String) async throws -> NodeRecord {
        if let known = loadedNode { return known }
        return try await requests.withLock {
            if let known = loadedNode { return known }
            let node = try await manager.node(nodeID, instance: id)
            state.withLock { $0.node = node }
            return node
        }
    }

    /// The node if it was asked for before.
    var loadedNode: NodeRecord? { state.withLock { $0.node } }

    func runtimeProperties() async throws -> [String: PropertyValue] {
        try await load()
        return state.withLock { $0.current }
    }

    /// The instance as it was loaded or saved last.
    func record() async throws -> NodeInstanceRecord {
        try await load()
        if let record = state.withLock({ $0.record }) { return record }
        throw NonRecoverableError("Nothing is known of the node instance \(id).")
    }

    // MARK: Changing

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

    /// Saves changes, if there are any.
    ///
    /// - Parameter handler: settles conflicts with others; nil fails with the first.
    func save(onConflict handler: ConflictHandler? = nil) async throws {
        guard isChanged else { return }
        try await requests.withLock {
            let (changed, mine) = state.withLock { ($0.isChanged, $0.current) }
            guard changed, let loaded = state.withLock({ $0.record }) else { return }
            guard let handler else { return adopt(try await store(mine, of: loaded), savedFrom: mine, isMerged: false) }
            var merging = Merging(mine: mine, base: loaded)
            while true {
                do {
                    let stored = try await store(merging.properties, of: merging.base)
                    return adopt(stored, savedFrom: mine, isMerged: merging.conflicts > 0)
                } catch is UpdateConflict {
                    try await merging.pause()
                    try merging.take(try await manager.nodeInstance(id), handler)
                }
            }
        }
    }

    /// Loads the instance anew.
    func refresh(force: Bool) async throws {
        try await requests.withLock {
            guard force || !isChanged else {
                throw NonRecoverableError(
                    "runtime_properties are dirty: refreshing now would destroy local changes")
            }
            keep(try await manager.nodeInstance(id))
        }
    }

    private func store(
        _ properties: [String: PropertyValue], of record: NodeInstanceRecord
    ) async throws -> NodeInstanceRecord {
        guard !backend.isAnswered else {
            throw NonRecoverableError(
                "The runtime properties of \(id) are not saved: the operation was answered for before it ended.")
        }
        return try await manager.storeRuntimeProperties(properties, of: record)
    }

    private func adopt(
        _ stored: NodeInstanceRecord, savedFrom mine: [String: PropertyValue], isMerged: Bool
    ) {
        state.withLock { state in
            if state.current == mine {
                state.record = stored
                state.current = stored.runtimeProperties
            } else if !isMerged {
                // What was changed while the request was under way stays, to be saved next time.
                state.record = stored
            }
            // Else it knows nothing of what was merged in: it keeps its old version, so that saving it conflicts and is merged too.
        }
    }

    private func load() async throws {
        guard state.withLock({ $0.record == nil }) else { return }
        try await requests.withLock {
            guard state.withLock({ $0.record == nil }) else { return }
            keep(try await manager.nodeInstance(id))
        }
    }

    private func keep(_ record: NodeInstanceRecord) {
        state.withLock { state in
            state.record = record
            state.current = record.runtimeProperties
        }
    }
}
