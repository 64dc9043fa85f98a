internal import AgentConfiguration
internal import CtxService
internal import Glibc
internal import ManagerClient
internal import OperationProcesses
internal import Operative
internal import PythonPlugins
internal import ScriptPlugin

/// Puts together what runs script operations.
struct AgentScripts {
    let configuration: AgentConfiguration
    /// Where the processes of scripts are recorded.
    let ledger: any ProcessLedger
    /// What runs scripts that are Python; nil when nothing does, as for the interpreter.
    let python: PythonOperations?
    let interpreter: String?
    /// Where temporary directories are noted.
    let temporaryDirectories: TemporaryDirectories

    /// The operations of an agent, with those for scripts unless they are switched off or it has its own.
    func add(to registry: OperationRegistry) -> OperationRegistry {
        guard configuration.operations.runsScripts else { return registry }
        // Without its launcher the agent still does everything else: the operation fails and says what is missing.
        let processes =
            (try? configuration.operations.processRunner(ledger)) ?? ProcessRunner(ledger: ledger, launcher: nil)
        let settings = settings
        var scripts: DispatchedScripts?
        if let python, let interpreter {
            let check = PythonSyntaxCheck(interpreter: interpreter, settings: settings, processes: processes)
            scripts = DispatchedScripts(operations: python, check: check)
        }
        return registry.adding(
            ScriptPlugin(settings, processes: processes, downloader: ScriptWeb(), python: scripts))
    }

    private var settings: ScriptSettings {
        let operations = configuration.operations
        let ctx = Result { () throws(CtxServiceError) in
            CtxSettings(
                // Another user cannot enter the state directory.
                directory: operations.user == nil ? "\(configuration.stateDirectory)/ctx" : "/tmp",
                executable: try CtxExecutable.locate(libexec: operations.libexec), user: operations.user,
                temporaryDirectories: temporaryDirectories)
        }
        return ScriptSettings(
            environment: OperationEnvironment(of: ProcessEnvironment.all, user: operations.user).inherited,
            workingDirectory: operations.user == nil ? Self.currentDirectory ?? "/" : "/", ctx: ctx,
            limits: operations.limits.processLimits, user: operations.user,
            temporaryDirectories: temporaryDirectories)
    }

    private static var currentDirectory: String? {
        guard let path = unsafe getcwd(nil, 0) else { return nil }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }
}

/// Fetches scripts from the web as files are fetched from everywhere.
private struct ScriptWeb: ScriptDownloader {
    private let web = WebDownload(environment: ProcessEnvironment.all)

    func download(_ url: String, to file: String, certificateAuthority: String?) async throws -> Int {
        try await web.download(url, to: file, certificateAuthority: certificateAuthority)
    }
}

/// Scripts that are Python, by the script runner of `cloudify-common` in a dispatched process.
private struct DispatchedScripts: PythonScripts {
    let operations: PythonOperations
    let check: PythonSyntaxCheck

    func isPython(_ source: String, _ context: OperationContext) async throws -> Bool {
        try await check.isPython(source, context)
    }

    func run(_ context: OperationContext, _ inputs: [String: PropertyValue]) async throws -> PropertyValue {
        try await operations.run(context, inputs: inputs)
    }
}
