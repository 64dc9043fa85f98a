package import AgentRuntime
package import Logging
package import ManagerClient

/// Installs and removes plugins when a manager asks the agent itself for it.
package struct PluginService: PluginMaintenance {
    private let installer: PluginInstaller
    private let client: @Sendable (ManagerFacts) throws -> ManagerClient
    /// The manager's name, on a management worker.
    private let managerName: String?
    private let logger: Logger

    /// - Parameters:
    ///   - client: a way to a manager.
    ///   - environment: the agent's: `MANAGER_NAME` marks a management worker.
    package init(
        installer: PluginInstaller, environment: [String: String], logger: Logger,
        client: @escaping @Sendable (ManagerFacts) throws -> ManagerClient
    ) {
        self.installer = installer
        self.client = client
        managerName = environment["MANAGER_NAME"].flatMap { $0.isEmpty ? nil : $0 }
        self.logger = logger
    }

    package func install(_ order: PluginOrder) async throws {
        guard isMeant(order) else { return }
        try await installer.install(PluginSpecification(order.plugin), for: try caller(order))
    }

    package func uninstall(_ order: PluginOrder) async throws {
        guard isMeant(order) else { return }
        try await installer.uninstall(PluginSpecification(order.plugin), for: try caller(order))
    }

    /// An order with targets went to all management workers, and is for those that it names.
    private func isMeant(_ order: PluginOrder) -> Bool {
        guard let targets = order.targets else { return true }
        return managerName.map { targets.contains($0) } ?? false
    }

    private func caller(_ order: PluginOrder) throws -> InstallationCaller {
        let scope = InstallationScope(tenant: order.tenant)
        let client = try client(
            ManagerFacts(
                hosts: order.managerHosts, port: order.managerPort, restToken: order.token, tenant: order.tenant,
                bypassesMaintenance: order.bypassesMaintenance))
        return InstallationCaller(
            scope: scope, manager: RESTPluginManager(client, scope: scope), owner: "installation", logger: logger)
    }
}
