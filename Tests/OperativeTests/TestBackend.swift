import Logging
import Operative
import Synchronization

/// An operation backend in memory that remembers what was asked of it.
final class TestBackend: OperationBackend {
    struct State {
        var instances: [String: VersionedProperties] = [:]
        var stores: [String] = []
        var loads = 0
        var nodeLoads = 0
        var events: [String] = []
        var failing: Set<String> = []
    }
    struct Conflict: Error {}

    let state: Mutex<State>
    private let duringStore: @Sendable () async -> Void

    /// `duringStore` is awaited by every store after the request has arrived and before it is answered.
    init(
        _ instances: [String: [String: PropertyValue]] = [:], failing: Set<String> = [],
        duringStore: @escaping @Sendable () async -> Void = { await Task.yield() }
    ) {
        self.duringStore = duringStore
        let stored = instances.mapValues { VersionedProperties(properties: $0, version: 1) }
        state = Mutex(State(instances: stored, failing: failing))
    }

    func nodeProperties(of node: NodeReference) async throws -> [String: PropertyValue] {
        state.withLock { $0.nodeLoads += 1 }
        return ["name": .string(node.nodeID)]
    }

    func loadRuntimeProperties(of node: NodeReference) async throws -> VersionedProperties {
        await Task.yield()
        return state.withLock { state in
            state.loads += 1
            return state.instances[node.instanceID] ?? VersionedProperties(properties: [:], version: 1)
        }
    }

    func storeRuntimeProperties(
        _ properties: [String: PropertyValue], version: Int, of node: NodeReference
    ) async throws -> VersionedProperties {
        try Task.checkCancellation()
        await duringStore()
        return try state.withLock { state in
            state.stores.append(node.instanceID)
            let current = state.instances[node.instanceID]?.version ?? 1
            guard version == current, !state.failing.contains(node.instanceID) else { throw Conflict() }
            let stored = VersionedProperties(properties: properties, version: version + 1)
            state.instances[node.instanceID] = stored
            return stored
        }
    }

    func sendEvent(_ message: String) { state.withLock { $0.events.append(message) } }

    func properties(_ instance: String) -> [String: PropertyValue]? {
        state.withLock { $0.instances[instance]?.properties }
    }
    var stores: [String] { state.withLock { $0.stores } }
}

let webNode = NodeReference(nodeID: "web", instanceID: "web_1")
let dbNode = NodeReference(nodeID: "db", instanceID: "db_1")

func makeContext(_ backend: TestBackend, subject: ContextSubject = .nodeInstance(webNode)) -> OperationContext {
    OperationContext(
        taskName: "test.run", operationName: "interface.run", retryNumber: 2, maxRetries: 60,
        facts: { OperationFacts(subject: subject, taskID: "t1") }, backend: backend,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
}

func run(
    on backend: TestBackend = TestBackend(), subject: ContextSubject = .nodeInstance(webNode),
    inputs: [String: PropertyValue] = [:],
    _ operation: Operative.Operation
) async -> OperationOutcome {
    await perform(operation, in: makeContext(backend, subject: subject), inputs: OperationInputs { inputs })
}
