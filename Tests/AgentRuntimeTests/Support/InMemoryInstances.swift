import AgentProtocol
import AgentRuntime
import Operative
import Synchronization

final class InMemoryInstances: Manager {
    private struct Access: ManagerlessAccess {
        let instances: InMemoryInstances
        let task: OperationTaskContext

        func node(_ id: String, instance: String?) async throws -> NodeRecord {
            NodeRecord(id: id, properties: task.nodeProperties ?? [:])
        }

        func nodeInstance(_ id: String) async throws -> NodeInstanceRecord {
            instances.stored.withLock { $0[id] ?? NodeInstanceRecord(id: id, nodeID: task.nodeName ?? "") }
        }

        func storeRuntimeProperties(
            _ properties: [String: PropertyValue], of record: NodeInstanceRecord
        ) async throws -> NodeInstanceRecord {
            var record = record
            record.runtimeProperties = properties
            record.version += 1
            instances.stored.withLock { $0[record.id] = record }
            return record
        }
    }

    private let stored = Mutex<[String: NodeInstanceRecord]>([:])

    func properties(of instance: String) -> [String: PropertyValue] {
        stored.withLock { $0[instance]?.runtimeProperties ?? [:] }
    }

    func access(for task: OperationTaskContext) -> any ManagerAccess { Access(instances: self, task: task) }
}
