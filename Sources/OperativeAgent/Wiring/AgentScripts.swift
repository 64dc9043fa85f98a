internal import AgentConfiguration
internal import CtxService
internal import Glibc
internal import ManagerClient
internal import OperationProcesses
internal import Operative
internal import ScriptPlugin

/// Puts together what runs script operations.
enum AgentScripts {
    /// - Parameters:
    ///   - processes: what runs them.
    ///   - python: what runs those that are Python; nil when nothing does.
    static func plugin(
        _ configuration: AgentConfiguration, processes: ProcessRunner, python: (any PythonScripts)? = nil
    ) -> ScriptPlugin {
        ScriptPlugin(settings(configuration), processes: processes, downloader: ScriptWeb(), python: python)
    }

    static func settings(_ configuration: AgentConfiguration) -> ScriptSettings {
        let ctx = Result { () throws(CtxServiceError) in
            CtxSettings(
                directory: "\(configuration.stateDirectory)/ctx", executable: try CtxExecutable.locate(libexec: nil))
        }
        return ScriptSettings(
            environment: OperationEnvironment(of: ProcessEnvironment.all).inherited,
            workingDirectory: currentDirectory ?? "/", ctx: ctx)
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
