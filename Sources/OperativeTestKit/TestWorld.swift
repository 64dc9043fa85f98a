import Operative
import Synchronization
import Templates

/// What the manager would hold, kept in memory.
final class TestWorld: OperationBackend {
    struct Record {
        let node: NodeRecord
        var stored: NodeInstanceRecord
    }

    struct State {
        var records: [String: Record]
        var saves: [String] = []
        var conflicts = 0
        var logs: [RecordedLog] = []
        var events: [String] = []
        var failure: (any Error)?
        var interferences: [String: [@Sendable (inout [String: PropertyValue]) -> Void]] = [:]
        var deploymentFiles: [String: [UInt8]] = [:]
        var operationState: OperationState? = .started
        var directories: [String: String] = [:]
    }

    let state: Mutex<State>
    let knowledge: TestManager
    let files = TemporaryFiles()
    let task: TestTask

    init(_ instances: [TestInstance], task: TestTask, manager: TestManager) {
        let records = instances.map { ($0.id, Record(node: $0.nodeRecord, stored: $0.record)) }
        state = Mutex(State(records: Dictionary(records) { first, _ in first }))
        self.task = task
        knowledge = manager
    }

    var logs: [RecordedLog] { state.withLock { $0.logs } }
    var events: [String] { state.withLock { $0.events } }
    var saves: [String] { state.withLock { $0.saves } }

    func log(_ line: RecordedLog) { state.withLock { $0.logs.append(line) } }
    func failSaves(with error: (any Error)?) { state.withLock { $0.failure = error } }

    func runtimeProperties(of instance: String) -> [String: PropertyValue] {
        state.withLock { $0.records[instance]?.stored.runtimeProperties ?? [:] }
    }

    /// Changes properties as somebody else would: with a new version.
    func setRuntimeProperties(_ properties: [String: PropertyValue], of instance: String) {
        state.withLock { state in
            state.records[instance]?.stored.runtimeProperties = properties
            state.records[instance]?.stored.version += 1
        }
    }

    var manager: any ManagerAccess { TestAccess(world: self) }
    var isAnswered: Bool { false }

    func render(_ template: String, variables: [String: TemplateValue]) async throws -> String {
        try await TemplateRenderer().render(template, variables: variables)
    }

    func sendEvent(_ message: String) { state.withLock { $0.events.append(message) } }
}
