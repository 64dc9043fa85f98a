package import Operative

/// Installs and removes plugins while the agent runs.
///
/// What either throws is told to whoever asked. Cancelling the task leaves nothing that is half done in use.
package protocol PluginMaintenance: Sendable {
    /// Installs a plugin; one that is installed is left as it is.
    func install(_ order: PluginOrder) async throws
    /// Removes a plugin; one that is not there is fine.
    func uninstall(_ order: PluginOrder) async throws
}

/// A manager's wish for a plugin (Cloudify agent protocol, service tasks).
package struct PluginOrder: Sendable, Hashable {
    /// The plugin as the manager describes it.
    package let plugin: PropertyValue
    /// The tenant's name; nil when there is none.
    package let tenant: String?
    /// Hosts of the manager's REST service.
    package let managerHosts: [String]
    /// Its port.
    package let managerPort: Int
    /// By what right the manager is to be asked. A secret.
    package let token: String?
    /// The management workers that are meant; nil for whoever hears of it.
    package let targets: [String]?
    /// Whether the manager is to be asked in maintenance mode too.
    package let bypassesMaintenance: Bool

    package init(
        plugin: PropertyValue, tenant: String?, managerHosts: [String], managerPort: Int, token: String?,
        targets: [String]? = nil, bypassesMaintenance: Bool = false
    ) {
        self.plugin = plugin
        self.tenant = tenant
        self.managerHosts = managerHosts
        self.managerPort = managerPort
        self.token = token
        self.targets = targets
        self.bypassesMaintenance = bypassesMaintenance
    }
}
