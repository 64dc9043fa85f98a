import AgentProtocol
import AgentRuntime
import Operative

/// A manager that keeps the same record of every operation, or never answers.
struct ScriptedManager: Manager, OperationAttendance, ManagerlessAccess {
    var state: OperationState?
    var isSilent = false
    let hasFunctions = false

    func access(for task: OperationTaskContext) -> any ManagerAccess { self }
    func attendance(for task: () -> OperationTaskContext) -> (any OperationAttendance)? { self }

    func executionStatus() async throws(AttendanceError) -> ExecutionStatus? {
        guard isSilent else { return nil }
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(60)) }
        throw .interrupted
    }

    func recordedState() async throws(AttendanceError) -> OperationState? { state }
    func store(_ state: OperationState) async throws(AttendanceError) {}
    func fetchFiles() async throws(AttendanceError) {}
    func handOverFiles() async throws(AttendanceError) {}
    func evaluate(_ inputs: [String: PropertyValue]) async throws(AttendanceError) -> [String: PropertyValue] { inputs }

    func node(_ id: String, instance: String?) async throws -> NodeRecord { throw refusal(id) }
    func nodeInstance(_ id: String) async throws -> NodeInstanceRecord { throw refusal(id) }
    func storeRuntimeProperties(
        _ properties: [String: PropertyValue], of record: NodeInstanceRecord
    ) async throws -> NodeInstanceRecord { throw refusal(record.id) }
}
