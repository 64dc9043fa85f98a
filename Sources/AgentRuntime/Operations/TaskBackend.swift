internal import Operative

/// What an operation's context reaches through: instance data and events, as long as the operation has not been answered for.
struct TaskBackend: OperationBackend {
    let run: OperationRun
    let telemetry: OperationTelemetry
    let instances: any InstanceData

    func nodeProperties(of node: NodeReference) async throws -> [String: PropertyValue] {
        try await instances.nodeProperties(of: node, for: telemetry.context)
    }

    func loadRuntimeProperties(of node: NodeReference) async throws -> VersionedProperties {
        try await instances.loadRuntimeProperties(of: node, for: telemetry.context)
    }

    func storeRuntimeProperties(
        _ properties: [String: PropertyValue], version: Int, of node: NodeReference
    ) async throws -> VersionedProperties {
        guard !run.isAnswered else {
            throw NonRecoverableError(
                "The runtime properties of \(node.instanceID) are not saved: the operation was answered for before it ended."
            )
        }
        return try await instances.storeRuntimeProperties(
            properties, version: version, of: node, for: telemetry.context)
    }

    func sendEvent(_ message: String) { telemetry.pluginEvent(message) }
}
