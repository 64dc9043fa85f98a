package import OperationProcesses

/// How plugins are installed.
package struct InstallationSettings: Sendable {
    /// The agent's own interpreter: a path, or a name to look for in `PATH`. Its packages are those that all plugins see.
    package var interpreter: String
    /// The agent's environment.
    package var environment: [String: String]
    /// Where archives are kept while they are installed.
    package var temporaryDirectory = "/tmp"
    /// Where their directories are noted, for the start after a killed agent.
    package var temporaryDirectories = TemporaryDirectories.unnoted

    package init(interpreter: String, environment: [String: String]) {
        self.interpreter = interpreter
        self.environment = environment
    }
}
