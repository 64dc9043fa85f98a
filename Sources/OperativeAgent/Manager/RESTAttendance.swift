internal import AgentProtocol
internal import AgentRuntime
internal import ManagerClient
internal import Operative

/// What a task's manager is asked and told around its operation, over REST.
struct RESTAttendance: OperationAttendance {
    let task: OperationTaskContext
    let line: ManagerLine
    let directories: WorkerDirectories
    let workdirs: WorkdirKeeper

    var hasFunctions: Bool { task.hasIntrinsicFunctions }

    func executionStatus() async throws(AttendanceError) -> ExecutionStatus? {
        guard let id = task.executionID, !id.isEmpty else { return nil }
        return try await call { ExecutionStatus(rawValue: try await $0.execution(id).status) }
    }

    func recordedState() async throws(AttendanceError) -> OperationState? {
        guard let id = task.taskID, !id.isEmpty else { return nil }
        return try await call { try await $0.operation(id).map { OperationState(rawValue: $0.state) } }
    }

    func store(_ state: OperationState) async throws(AttendanceError) {
        guard let id = task.taskID, !id.isEmpty else { return }
        try await call { try await $0.setOperationState(state.rawValue, of: id) }
    }

    func evaluate(_ inputs: [String: PropertyValue]) async throws(AttendanceError) -> [String: PropertyValue] {
        let subject: EvaluationSubject =
            switch task.subject {
            case .nodeInstance(let node): .node(instance: node.instanceID)
            case .relationship(let source, let target):
                .relationship(
                    source: source.instanceID, sourceNode: source.nodeID, target: target.instanceID,
                    targetNode: target.nodeID)
            case .deployment: .deployment
            }
        let deployment = task.deploymentID ?? ""
        return try await call { try await $0.evaluateFunctions(in: inputs, for: subject, deployment: deployment) }
    }

    func fetchFiles() async throws(AttendanceError) {
        guard let workdir else { return }
        try await Self.attempt { try await workdir.download() }
    }

    func handOverFiles() async throws(AttendanceError) {
        guard let workdir else { return }
        try await Self.attempt { try await workdir.upload() }
    }

    private var workdir: DeploymentWorkdir? {
        DeploymentWorkdir(task: task, line: line, directories: directories, keeper: workdirs)
    }

    private func call<Answer: Sendable>(
        _ body: (ManagerClient) async throws -> Answer
    ) async throws(AttendanceError) -> Answer {
        try await Self.attempt { try await line.call(body) }
    }

    private static func attempt<Answer: Sendable>(
        _ body: () async throws -> Answer
    ) async throws(AttendanceError) -> Answer {
        do {
            return try await body()
        } catch let failure as ManagerFailure {
            if failure.error.isTokenRefused { throw .tokenRefused }
            if failure.error.reason == .closed { throw .interrupted }
            throw .failed(failure.asReported)
        } catch is CancellationError {
            throw .interrupted
        } catch {
            throw .failed(OperationFailure(error))
        }
    }
}

extension ManagerFailure {
    /// The classes of the original's client, which a workflow's log names.
    private static let classes = [
        "functions_evaluation_error": "FunctionsEvaluationError", "unauthorized_error": "UserUnauthorizedError",
        "forbidden_error": "ForbiddenError", "maintenance_mode_active": "MaintenanceModeActiveError",
        "entering_maintenance_mode": "MaintenanceModeActivatingError",
        "illegal_action_error": "IllegalActionError",
    ]

    /// As the original answers it: with its own class as the cause, and the manager's words behind the status.
    var asReported: OperationFailure {
        let type = error.errorCode.flatMap { Self.classes[$0] } ?? "CloudifyClientError"
        let message = error.status.map { "\($0): \(error.message)" } ?? "\(error)"
        return OperationFailure(
            kind: .recoverable(retryAfter: nil), typeName: type, message: message,
            causes: [OperationFailure.Cause(type: type, message: message)])
    }
}
