internal import AgentProtocol
internal import AgentRuntime
internal import Journal
internal import Operative

/// Stands in for a manager where there is none.
struct LocalManager: Manager {
    let store: LocalInstanceStore
    let directory: StateDirectory

    func access(for task: OperationTaskContext) -> any ManagerAccess {
        LocalAccess(store: store, directory: directory, task: task)
    }
}
