import Operative
import Synchronization

/// What the manager would hold, kept in memory.
final class TestWorld: OperationBackend {
    private struct Record {
        let instance: TestInstance
        var stored: VersionedProperties
    }

    private struct State {
        var records: [String: Record]
        var saves: [String] = []
        var logs: [RecordedLog] = []
        var events: [String] = []
        var failure: (any Error)?
    }

    private let state: Mutex<State>

    init(_ instances: [TestInstance]) {
        let records = instances.map { instance in
            let stored = VersionedProperties(properties: instance.runtimeProperties, version: 1)
            return (instance.id, Record(instance: instance, stored: stored))
        }
        state = Mutex(State(records: Dictionary(records) { first, _ in first }))
    }

    var logs: [RecordedLog] { state.withLock { $0.logs } }
    var events: [String] { state.withLock { $0.events } }
    var saves: [String] { state.withLock { $0.saves } }

    func log(_ line: RecordedLog) { state.withLock { $0.logs.append(line) } }
    func failSaves(with error: (any Error)?) { state.withLock { $0.failure = error } }

    func runtimeProperties(of instance: String) -> [String: PropertyValue] {
        state.withLock { $0.records[instance]?.stored.properties ?? [:] }
    }

    /// Changes properties as somebody else would: with a new version.
    func setRuntimeProperties(_ properties: [String: PropertyValue], of instance: String) {
        state.withLock { state in
            guard let version = state.records[instance]?.stored.version else { return }
            state.records[instance]?.stored = VersionedProperties(properties: properties, version: version + 1)
        }
    }

    func nodeProperties(of node: NodeReference) async throws -> [String: PropertyValue] {
        state.withLock { $0.records[node.instanceID]?.instance.properties ?? [:] }
    }

    func loadRuntimeProperties(of node: NodeReference) async throws -> VersionedProperties {
        state.withLock { $0.records[node.instanceID]?.stored ?? VersionedProperties(properties: [:], version: 1) }
    }

    func storeRuntimeProperties(
        _ properties: [String: PropertyValue], version: Int, of node: NodeReference
    ) async throws -> VersionedProperties {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            let current = state.records[node.instanceID]?.stored.version ?? version
            guard current == version else { throw UpdateConflict(instance: node.instanceID) }
            let stored = VersionedProperties(properties: properties, version: version + 1)
            state.records[node.instanceID]?.stored = stored
            state.saves.append(node.instanceID)
            return stored
        }
    }

    func sendEvent(_ message: String) { state.withLock { $0.events.append(message) } }
}
