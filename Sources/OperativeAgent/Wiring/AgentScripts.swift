internal import AgentConfiguration
internal import CtxService
internal import Glibc
internal import ManagerClient
internal import OperationProcesses
internal import Operative
internal import ScriptPlugin

/// Puts together what runs script operations.
enum AgentScripts {
    /// The operations of an agent, with those for scripts unless they are switched off or it has its own.
    ///
    /// - Parameters:
    ///   - ledger: where the processes of scripts are recorded.
    ///   - python: what runs scripts that are Python; nil when nothing does.
    static func add(
        to registry: OperationRegistry, _ configuration: AgentConfiguration, processes ledger: any ProcessLedger,
        python: (any PythonScripts)? = nil
    ) -> OperationRegistry {
        guard configuration.operations.runsScripts else { return registry }
        // Without its launcher the agent still does everything else: the operation fails and says what is missing.
        let processes =
            (try? configuration.operations.processRunner(ledger)) ?? ProcessRunner(ledger: ledger, launcher: nil)
        return registry.adding(
            ScriptPlugin(settings(configuration), processes: processes, downloader: ScriptWeb(), python: python))
    }

    static func settings(_ configuration: AgentConfiguration) -> ScriptSettings {
        let operations = configuration.operations
        let ctx = Result { () throws(CtxServiceError) in
            CtxSettings(
                // Another user cannot enter the state directory.
                directory: operations.user == nil ? "\(configuration.stateDirectory)/ctx" : "/tmp",
                executable: try CtxExecutable.locate(libexec: operations.libexec), user: operations.user)
        }
        return ScriptSettings(
            environment: OperationEnvironment(of: ProcessEnvironment.all, user: operations.user).inherited,
            workingDirectory: operations.user == nil ? currentDirectory ?? "/" : "/", ctx: ctx,
            limits: operations.limits.processLimits,
            user: operations.user)
    }

    private static var currentDirectory: String? {
        guard let path = unsafe getcwd(nil, 0) else { return nil }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }
}

/// Fetches scripts from the web as files are fetched from everywhere.
private struct ScriptWeb: ScriptDownloader {
    private let web = WebDownload()

    func download(_ url: String, to file: String, certificateAuthority: String?) async throws -> Int {
        try await web.download(url, to: file, certificateAuthority: certificateAuthority)
    }
}
