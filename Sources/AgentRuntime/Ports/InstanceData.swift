package import AgentProtocol
package import Operative

/// Where the properties of nodes and node instances come from and go to: the task itself and a local store, or a manager.
package protocol InstanceData: Sendable {
    func nodeProperties(of node: NodeReference, for task: OperationTaskContext) async throws -> [String: PropertyValue]
    func loadRuntimeProperties(
        of node: NodeReference, for task: OperationTaskContext
    ) async throws -> VersionedProperties
    func storeRuntimeProperties(
        _ properties: [String: PropertyValue], version: Int, of node: NodeReference, for task: OperationTaskContext
    ) async throws -> VersionedProperties
}
