package import OperationProcesses

/// How Python operations are run.
package struct PythonSettings: Sendable {
    /// Where their directories are made.
    package var temporaryDirectory: String
    /// Where these are noted, for the start after a killed agent.
    package var temporaryDirectories = TemporaryDirectories.unnoted
    /// What their processes inherit; asked for each time.
    package var environment: @Sendable () -> [String: String]
    /// The file that the output of a deployment's operations is appended to, by the deployment's id; nil for none.
    package var logFile: @Sendable (_ deployment: String?) -> String?
    package var limits = ProcessLimits()
    /// Whom they run as; nil for the agent's own user.
    package var user: String?
    /// How long a process may take to end once it was told to, until the operation is answered without it: longer than what is between
    /// SIGTERM and SIGKILL.
    package var terminationGrace = Duration.seconds(8)

    package init(
        temporaryDirectory: String, environment: @escaping @Sendable () -> [String: String],
        logFile: @escaping @Sendable (_ deployment: String?) -> String? = { _ in nil }
    ) {
        self.temporaryDirectory = temporaryDirectory
        self.environment = environment
        self.logFile = logFile
    }
}
