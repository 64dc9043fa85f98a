/// What is to run, as whom, and within which limits.
package struct ProcessRequest: Sendable {
    /// The program and its arguments. The program is looked up in `PATH` of `environment` unless it has a slash.
    package var command: [String]
    /// The whole environment of the process; nothing is added from the agent's own.
    package var environment: [String: String]
    /// An existing directory; nil for `/`.
    package var workingDirectory: String?
    /// The key in the journal of the task that the process works for.
    package var owner: String
    package var limits: ProcessLimits
    /// The name of the user to run as; nil for the agent's own.
    package var user: String?
    /// Whether standard error goes where standard output goes.
    package var mergesErrorOutput: Bool
    /// Told which limits were reached, before the run returns.
    package var reachedLimits: ReachedLimits?

    package init(
        command: [String], environment: [String: String], workingDirectory: String? = nil, owner: String,
        limits: ProcessLimits = ProcessLimits(), user: String? = nil, mergesErrorOutput: Bool = false
    ) {
        self.command = command
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.owner = owner
        self.limits = limits
        self.user = user
        self.mergesErrorOutput = mergesErrorOutput
    }
}
