package import AgentProtocol
package import Operative

/// Finds plugins on this machine.
package protocol PluginEnvironments: Sendable {
    /// Where a plugin is, installed there first when it is missing.
    ///
    /// - Parameters:
    ///   - plugin: as the task's blueprint declares it; nil when the task names none.
    ///   - tenant: the task's tenant; nil when the task names none.
    ///   - deployment: the task's deployment; nil when it belongs to none.
    ///   - task: the whole of it, with its manager.
    /// - Throws: what the operation fails with.
    func environment(
        for plugin: PluginInfo?, tenant: String?, deployment: String?, task: OperationTaskContext
    ) async throws -> PluginEnvironment
}
