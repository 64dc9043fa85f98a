package import Logging

/// Who wants a plugin, and what it takes to get it.
package struct InstallationCaller: Sendable {
    /// For whom.
    package let scope: InstallationScope
    /// The manager to ask.
    package let manager: any PluginManager
    /// Who the programs run for, in the words of the journal.
    package let owner: String
    /// Where it is said what happens.
    package let logger: Logger

    package init(scope: InstallationScope, manager: any PluginManager, owner: String, logger: Logger) {
        self.scope = scope
        self.manager = manager
        self.owner = owner
        self.logger = logger
    }
}
