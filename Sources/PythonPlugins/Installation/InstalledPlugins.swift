package import AgentProtocol
package import Logging
package import Operative

/// The plugins of this machine: found, or installed when they are missing.
package final class InstalledPlugins: PluginEnvironments {
    private let installer: PluginInstaller
    private let manager: @Sendable (OperationTaskContext) throws -> any PluginManager
    private let logger: Logger
    private let turns = AsyncTurns()

    /// - Parameters:
    ///   - manager: the manager of a task, asked only for a plugin that is missing.
    ///   - logger: where it is said what is installed.
    package init(
        installer: PluginInstaller,
        manager: @escaping @Sendable (OperationTaskContext) throws -> any PluginManager, logger: Logger
    ) {
        self.installer = installer
        self.manager = manager
        self.logger = logger
    }

    package func environment(
        for plugin: PluginInfo?, tenant: String?, deployment: String?, task: OperationTaskContext
    ) async throws -> PluginEnvironment {
        let owner = task.taskID ?? "installation"
        let specification = plugin.map { PluginSpecification($0) }
        guard let specification, let label = specification.label, !BuiltInPlugins.contain(specification.name) else {
            let own = try await installer.interpreters.interpreter(installer.settings.interpreter, owner: owner)
            return PluginEnvironment(interpreter: own.path)
        }
        let scope = InstallationScope(tenant: tenant, deployment: deployment, blueprint: task.blueprintID)
        var found = try await find(specification, scope, owner)
        if found == nil { found = try await install(specification, scope, task, owner) }
        guard let found else { throw RuntimeError("Plugin was not installed: \(label)") }
        return PluginEnvironment(
            interpreter: "\(found.path)/bin/python", directory: found.path, version: found.version)
    }

    private func find(
        _ plugin: PluginSpecification, _ scope: InstallationScope, _ owner: String
    ) async throws -> PluginDirectories.Found? {
        guard let label = plugin.label else { return nil }
        return try await installer.directories(owner: owner).find(
            label, version: plugin.packageVersion, tenant: scope.tenant, deployment: scope.deployment)
    }

    /// - Returns: nil when it is not there although nothing went wrong.
    private func install(
        _ plugin: PluginSpecification, _ scope: InstallationScope, _ task: OperationTaskContext, _ owner: String
    ) async throws -> PluginDirectories.Found? {
        let names = [scope.tenant, scope.deployment, plugin.label, plugin.packageVersion]
        // Many operations of one plugin come at once: one installs, the others find what it has installed.
        return try await turns.withTurn(names.map { $0 ?? "" }.joined(separator: "/")) {
            if let found = try await find(plugin, scope, owner) { return found }
            var logger = logger
            logger[metadataKey: "task_id"] = task.taskID.map { "\($0)" }
            let caller = InstallationCaller(
                scope: scope, manager: try manager(task), owner: owner, logger: logger)
            try await installer.install(plugin, for: caller)
            return try await find(plugin, scope, owner)
        }
    }
}
