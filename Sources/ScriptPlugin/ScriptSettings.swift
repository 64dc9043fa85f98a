package import CtxService
package import OperationProcesses

/// How an agent runs scripts.
package struct ScriptSettings: Sendable {
    /// The environment that scripts inherit: the agent's own without its secrets.
    package var environment: [String: String]
    /// Where scripts without `process.cwd` begin.
    package var workingDirectory: String
    /// How scripts reach ctx; the reason when they cannot, in one line.
    package var ctx: Result<CtxSettings, CtxServiceError>
    /// What one script may use.
    package var limits: ProcessLimits
    /// The user that scripts run as; nil for the agent's own.
    package var user: String?
    /// After how long the log says that a script still runs, again and again.
    package var waitingNotice: Duration
    /// Where the directories of scripts are noted, for the start after a killed agent.
    package var temporaryDirectories: TemporaryDirectories

    /// - Parameters:
    ///   - environment: see ``environment``.
    ///   - workingDirectory: see ``workingDirectory``.
    ///   - ctx: see ``ctx``.
    ///   - limits: see ``limits``.
    ///   - user: see ``user``.
    ///   - waitingNotice: see ``waitingNotice``.
    ///   - temporaryDirectories: see ``temporaryDirectories``.
    package init(
        environment: [String: String], workingDirectory: String, ctx: Result<CtxSettings, CtxServiceError>,
        limits: ProcessLimits = ProcessLimits(), user: String? = nil, waitingNotice: Duration = .seconds(20),
        temporaryDirectories: TemporaryDirectories = .unnoted
    ) {
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.ctx = ctx
        self.limits = limits
        self.user = user
        self.waitingNotice = waitingNotice
        self.temporaryDirectories = temporaryDirectories
    }
}
