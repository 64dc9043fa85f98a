/// What a context needs from the outside. Errors it throws reach the operation as they are.
package protocol OperationBackend: Sendable {
    /// The properties of a node. Asked at most once per instance and operation.
    func nodeProperties(of node: NodeReference) async throws -> [String: PropertyValue]
    /// The runtime properties of a node instance.
    func loadRuntimeProperties(of node: NodeReference) async throws -> VersionedProperties
    /// Replaces the runtime properties if `version` is still the current one, and returns what is stored now.
    func storeRuntimeProperties(
        _ properties: [String: PropertyValue], version: Int, of node: NodeReference
    ) async throws -> VersionedProperties
    /// Sends an event to the manager. Must not block.
    func sendEvent(_ message: String)
}
