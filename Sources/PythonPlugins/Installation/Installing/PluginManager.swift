/// What an installation needs of a manager. All errors are for whoever asked for the plugin.
package protocol PluginManager: Sendable {
    /// The plugins of a package, of one version or of all.
    func plugins(packageName: String, packageVersion: String?) async throws -> [PluginCandidate]
    /// Fetches a plugin's archive into a file, as a whole or not at all.
    func downloadArchive(of id: String, to path: String) async throws
    /// Tells how far the plugin is on this agent.
    ///
    /// - Returns: false when the manager does not know the plugin.
    func setState(_ state: PluginState, of id: String, error: String?) async throws -> Bool
    /// Fetches a file of the deployment or its blueprint.
    func downloadResource(_ path: String, to target: String) async throws
}

/// How far a plugin is, in the manager's words.
package enum PluginState: String, Sendable {
    case installing, installed, uninstalled, error
}
