internal import Operative

/// A plugin could not be installed for a reason that may pass, or that somebody may put right.
package struct PluginInstallationError: Recoverable, Hashable, CustomStringConvertible {
    /// What went wrong, for the person who reads the workflow's log.
    package let description: String

    init(_ description: String) { self.description = description }
}
