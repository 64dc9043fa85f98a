package import AgentProtocol
internal import Logging
package import Operative

/// The operations by which workflows install and remove plugins on a host, and those that older workflows ask for in vain.
package struct AgentOperations: Sendable {
    private let installer: PluginInstaller
    private let manager: @Sendable (OperationTaskContext) throws -> any PluginManager

    /// - Parameter manager: the manager of a task.
    package init(
        installer: PluginInstaller, manager: @escaping @Sendable (OperationTaskContext) throws -> any PluginManager
    ) {
        self.installer = installer
        self.manager = manager
    }

    private struct PluginList: Decodable {
        let plugins: [PropertyValue]
    }

    /// All of them.
    package var operations: [Operation] {
        [
            Operation("cloudify_agent.operations.install_plugins", inputs: PluginList.self, resumable: true) {
                ctx, list in
                try await each(of: list.plugins, "Installing", ctx) { plugin, caller in
                    try await installer.install(plugin, for: caller)
                }
            },
            Operation("cloudify_agent.operations.uninstall_plugins", inputs: PluginList.self, resumable: true) {
                ctx, list in
                try await each(of: list.plugins, "Uninstalling", ctx) { plugin, caller in
                    try await installer.uninstall(plugin, for: caller)
                }
            },
            Operation("cloudify_agent.operations.restart", inputs: [String: PropertyValue].self, resumable: true) {
                ctx, inputs in
                if let name = inputs["new_name"]?.stringValue, !name.isEmpty {
                    throw NonRecoverableError(
                        "This agent cannot be restarted as '\(name)': install another agent of that name.")
                }
                ctx.logger.info("No restart is needed: plugins are found as soon as they are installed.")
            },
        ] + Self.monitoringNames.map { Operation("diamond_agent.tasks.\($0)", resumable: true) { _ in } }
    }

    /// What a monitoring agent of older managers did, and nobody does any more.
    private static let monitoringNames = ["install", "uninstall", "start", "stop", "add_collectors", "del_collectors"]

    private func each(
        of plugins: [PropertyValue], _ activity: String, _ context: OperationContext,
        _ body: (PluginSpecification, InstallationCaller) async throws -> Void
    ) async throws {
        let task = try context.task
        let facts = OperationTaskContext(task.context)
        let caller = InstallationCaller(
            scope: InstallationScope(
                tenant: context.tenant.name, deployment: context.deployment.id, blueprint: context.blueprint.id),
            manager: try manager(facts), owner: task.key, logger: context.logger)
        for plugin in plugins.map({ PluginSpecification($0) }) {
            context.logger.info("\(activity) plugin: \(plugin.name ?? plugin.label ?? "")")
            try await body(plugin, caller)
        }
    }
}
