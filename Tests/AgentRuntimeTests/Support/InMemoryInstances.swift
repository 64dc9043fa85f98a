import AgentProtocol
import AgentRuntime
import Operative
import Synchronization

final class InMemoryInstances: InstanceData {
    private let stored = Mutex<[String: VersionedProperties]>([:])

    func properties(of instance: String) -> [String: PropertyValue] {
        stored.withLock { $0[instance]?.properties ?? [:] }
    }

    func nodeProperties(of node: NodeReference, for task: OperationTaskContext) async throws -> [String: PropertyValue]
    {
        task.nodeProperties ?? [:]
    }

    func loadRuntimeProperties(
        of node: NodeReference, for task: OperationTaskContext
    ) async throws -> VersionedProperties {
        stored.withLock { $0[node.instanceID] ?? VersionedProperties(properties: [:], version: 0) }
    }

    func storeRuntimeProperties(
        _ properties: [String: PropertyValue], version: Int, of node: NodeReference, for task: OperationTaskContext
    ) async throws -> VersionedProperties {
        stored.withLock { stored in
            let new = VersionedProperties(properties: properties, version: version + 1)
            stored[node.instanceID] = new
            return new
        }
    }
}
