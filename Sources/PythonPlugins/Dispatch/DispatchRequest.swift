package import OperationProcesses

/// One run of a plugin's function in a process of its own (Cloudify agent protocol, 9.1).
package struct DispatchRequest: Sendable {
    /// The path of the Python that runs it.
    package var interpreter: String
    /// Holds `input.json`; gets `output.json`. Nobody else's.
    package var directory: String
    /// The whole environment of the process.
    package var environment: [String: String]
    /// Whether the task brings variables of its own, so that ``environment`` fits no other task.
    package var hasOwnVariables: Bool
    /// The function with its module, as in `input.json`; nil when whoever needs it is to read it there.
    package var function: String?
    /// Where its output is appended; nil for nowhere.
    package var logFile: String?
    /// Where it is to make files for a while (`CFY_EXEC_TEMP`), on top of ``environment``; nil for where that says.
    package var scratch: String?
    /// The task's key in the journal.
    package var owner: String
    package var limits: ProcessLimits
    /// Told which of them were reached.
    package var reachedLimits: ReachedLimits?
    /// Whom it runs as; nil for the agent's own user.
    package var user: String?
    /// Where the plugin is installed.
    package var plugin: PluginEnvironment

    package init(
        interpreter: String, directory: String, environment: [String: String], hasOwnVariables: Bool = false,
        function: String? = nil, logFile: String?, owner: String, limits: ProcessLimits = ProcessLimits(),
        user: String? = nil,
        plugin: PluginEnvironment
    ) {
        self.interpreter = interpreter
        self.directory = directory
        self.environment = environment
        self.hasOwnVariables = hasOwnVariables
        self.function = function
        self.logFile = logFile
        self.owner = owner
        self.limits = limits
        self.user = user
        self.plugin = plugin
    }
}
