/// Plugins that are part of the agent: their code runs in its own interpreter and is never installed (Cloudify agent protocol, 9.2).
package enum BuiltInPlugins {
    private static let names: Set<String> = [
        "agent", "diamond", "script", "cfy_extensions", "default_workflows", "worker_installer",
        "cloudify_system_workflows", "agent_installer",
    ]

    /// Whether a plugin of this name is part of the agent. No name, or an empty one, means the agent itself.
    package static func contain(_ name: String?) -> Bool {
        guard let name, !name.isEmpty else { return true }
        return names.contains(name)
    }
}
