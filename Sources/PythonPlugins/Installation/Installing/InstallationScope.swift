/// For whom a plugin is installed.
package struct InstallationScope: Sendable, Hashable {
    /// The tenant; nil when there is none.
    package var tenant: String?
    /// The deployment that a plugin from a source belongs to; nil when nobody's operations asked for it.
    package var deployment: String?
    /// The blueprint with the plugin's files; nil when there is none.
    package var blueprint: String?

    package init(tenant: String? = nil, deployment: String? = nil, blueprint: String? = nil) {
        self.tenant = tenant
        self.deployment = deployment
        self.blueprint = blueprint
    }
}
