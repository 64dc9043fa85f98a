internal import Glibc

/// The agent's own Python, which has what belongs to no plugin and makes environments for those.
package enum PythonInterpreter {
    /// - Parameters:
    ///   - setting: `python.interpreter`; nil when not set.
    ///   - environment: the agent's.
    /// - Returns: nil when there is none. What the setting names is taken as it is; a path that depends on where the agent was started becomes one
    ///   that does not.
    package static func find(setting: String?, environment: [String: String]) -> String? {
        if let setting, !setting.isEmpty { return setting.contains("/") ? PluginFiles.absolute(setting) : setting }
        if let root = environment["VIRTUAL_ENV"], !root.isEmpty, isProgram("\(root)/bin/python") {
            return "\(root)/bin/python"
        }
        let path = environment["PATH"] ?? DispatchEnvironment.defaultPath
        return path.split(separator: ":").map { "\($0)/python3" }.first { $0.hasPrefix("/") && isProgram($0) }
    }

    private static func isProgram(_ path: String) -> Bool {
        var status = stat()
        guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
        return unsafe access(path, X_OK) == 0
    }
}
