import Logging
import Operative
import Synchronization
import Templates

/// An operation backend in memory that remembers what was asked of it.
final class TestBackend: OperationBackend, ManagerlessAccess {
    struct State {
        var instances: [String: NodeInstanceRecord] = [:]
        var nodes: [String: NodeRecord] = [:]
        var stores: [String] = []
        var conflicts = 0
        /// What was asked, in order.
        var requests: [String] = []
        var events: [String] = []
        var failing: Set<String> = []
        var isAnswered = false

        var loads: Int { requests.count { $0.hasPrefix("instance ") } }
        var nodeLoads: Int { requests.count { $0.hasPrefix("node ") } }
    }

    let state: Mutex<State>
    private let duringStore: @Sendable () async -> Void

    /// `duringStore` is awaited by every store after the request has arrived and before it is answered.
    init(
        _ instances: [String: [String: PropertyValue]] = [:], failing: Set<String> = [],
        duringStore: @escaping @Sendable () async -> Void = { await Task.yield() }
    ) {
        self.duringStore = duringStore
        let stored = instances.map { ($0, NodeInstanceRecord(id: $0, nodeID: "", version: 1, runtimeProperties: $1)) }
        state = Mutex(State(instances: Dictionary(uniqueKeysWithValues: stored), failing: failing))
    }

    var manager: any ManagerAccess { self }
    var isAnswered: Bool { state.withLock { $0.isAnswered } }

    func render(_ template: String, variables: [String: TemplateValue]) async throws -> String {
        try await TemplateRenderer().render(template, variables: variables)
    }

    func node(_ id: String, instance: String?) async throws -> NodeRecord {
        state.withLock { state in
            state.requests.append("node \(id) for \(instance ?? "nobody")")
            return state.nodes[id] ?? NodeRecord(id: id, properties: ["name": .string(id)])
        }
    }

    func nodeInstance(_ id: String) async throws -> NodeInstanceRecord {
        await Task.yield()
        return state.withLock { state in
            state.requests.append("instance \(id)")
            return state.instances[id] ?? NodeInstanceRecord(id: id, nodeID: "", version: 1)
        }
    }

    func storeRuntimeProperties(
        _ properties: [String: PropertyValue], of record: NodeInstanceRecord
    ) async throws -> NodeInstanceRecord {
        try Task.checkCancellation()
        await duringStore()
        return try state.withLock { state in
            state.stores.append(record.id)
            let current = state.instances[record.id]?.version ?? 1
            guard record.version == current, !state.failing.contains(record.id) else {
                state.conflicts += 1
                throw UpdateConflict(instance: record.id)
            }
            var stored = record
            stored.runtimeProperties = properties
            stored.version += 1
            state.instances[record.id] = stored
            return stored
        }
    }

    /// Changes properties as somebody else would.
    func interfere(with instance: String, _ change: (inout [String: PropertyValue]) -> Void) {
        state.withLock { state in
            var record = state.instances[instance] ?? NodeInstanceRecord(id: instance, nodeID: "", version: 1)
            change(&record.runtimeProperties)
            record.version += 1
            state.instances[instance] = record
        }
    }

    func sendEvent(_ message: String) { state.withLock { $0.events.append(message) } }

    func properties(_ instance: String) -> [String: PropertyValue]? {
        state.withLock { $0.instances[instance]?.runtimeProperties }
    }
    var stores: [String] { state.withLock { $0.stores } }
    var requests: [String] { state.withLock { $0.requests } }
}

let webNode = NodeReference(nodeID: "web", instanceID: "web_1")
let dbNode = NodeReference(nodeID: "db", instanceID: "db_1")

func makeContext(
    _ backend: any OperationBackend, subject: ContextSubject = .nodeInstance(webNode),
    _ change: @escaping @Sendable (inout OperationFacts) -> Void = { _ in }
) -> OperationContext {
    OperationContext(
        taskName: "test.run", operationName: "interface.run", retryNumber: 2, maxRetries: 60,
        facts: {
            var facts = OperationFacts(subject: subject, taskID: "t1")
            change(&facts)
            return facts
        }, backend: backend,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
}

func run(
    on backend: TestBackend = TestBackend(), subject: ContextSubject = .nodeInstance(webNode),
    inputs: [String: PropertyValue] = [:],
    _ operation: Operative.Operation
) async -> OperationOutcome {
    await perform(operation, in: makeContext(backend, subject: subject), inputs: OperationInputs { inputs })
}
