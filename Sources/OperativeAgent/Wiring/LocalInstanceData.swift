internal import AgentProtocol
internal import AgentRuntime
internal import Journal
internal import Operative

/// Node and instance data without a manager: properties come with the task, runtime properties are kept in the state directory by deployment and instance.
///
/// A task may bring runtime properties too; they count as long as nothing is stored for the instance.
struct LocalInstanceData: InstanceData {
    let store: LocalInstanceStore

    func nodeProperties(of node: NodeReference, for task: OperationTaskContext) async throws -> [String: PropertyValue]
    {
        (isMainNode(node, of: task) ? task.nodeProperties : task.related?.nodeProperties) ?? [:]
    }

    func loadRuntimeProperties(
        of node: NodeReference, for task: OperationTaskContext
    ) async throws -> VersionedProperties {
        guard let stored = try store.load(deployment: deployment(of: task), instance: node.instanceID) else {
            let brought = isMainNode(node, of: task) ? task.runtimeProperties : task.related?.runtimeProperties
            return VersionedProperties(properties: brought ?? [:], version: 0)
        }
        return VersionedProperties(
            properties: try PropertyValue(json: stored.json).objectValue ?? [:], version: stored.version)
    }

    func storeRuntimeProperties(
        _ properties: [String: PropertyValue], version: Int, of node: NodeReference, for task: OperationTaskContext
    ) async throws -> VersionedProperties {
        let newVersion = try store.store(
            deployment: deployment(of: task), instance: node.instanceID, json: PropertyValue.object(properties).json,
            expectedVersion: version)
        return VersionedProperties(properties: properties, version: newVersion)
    }

    private func isMainNode(_ node: NodeReference, of task: OperationTaskContext) -> Bool {
        node.instanceID == task.nodeID
    }

    private func deployment(of task: OperationTaskContext) -> String { task.deploymentID ?? "" }
}
