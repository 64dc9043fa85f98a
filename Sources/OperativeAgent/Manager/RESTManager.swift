internal import AgentExecutors
internal import AgentProtocol
internal import AgentRuntime
internal import ManagerClient
internal import Operative

/// The managers of an agent that stands in the place of a Cloudify agent.
///
/// A task that names its manager (`rest_host`, or `REST_HOST` in the environment) is that manager's; one that names none gets what is
/// known without one.
struct RESTManager: Manager {
    let connections: ManagerConnections
    let directories: WorkerDirectories
    let workdirs: WorkdirKeeper
    /// For tasks without a manager.
    let local: any Manager
    /// Whether the environment names a manager for every task.
    private let namesManager: Bool

    init(connections: ManagerConnections, environment: [String: String], local: any Manager) {
        self.connections = connections
        directories = WorkerDirectories(environment: environment)
        workdirs = WorkdirKeeper()
        self.local = local
        namesManager = !(environment["REST_HOST"] ?? "").isEmpty
    }

    func access(for task: OperationTaskContext) -> any ManagerAccess {
        guard hasManager(task) else { return local.access(for: task) }
        return RESTAccess(task: task, line: line(for: task), directories: directories, workdirs: workdirs)
    }

    func attendance(for task: () -> OperationTaskContext) -> (any OperationAttendance)? {
        let task = task()
        guard hasManager(task) else { return nil }
        return RESTAttendance(task: task, line: line(for: task), directories: directories, workdirs: workdirs)
    }

    private func hasManager(_ task: OperationTaskContext) -> Bool { namesManager || !task.restHosts.isEmpty }

    private func line(for task: OperationTaskContext) -> ManagerLine {
        ManagerLine(connections: connections, facts: ManagerFacts(task))
    }
}
