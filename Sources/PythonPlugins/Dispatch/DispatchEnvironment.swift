internal import AgentProtocol

/// The variables of a dispatched process (Cloudify agent protocol, 7).
enum DispatchEnvironment {
    static let defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// - Parameter inherited: the agent's, without its secrets.
    static func variables(
        inheriting inherited: [String: String], interpreter: String, task: OperationTaskContext
    ) -> [String: String] {
        var variables = inherited
        variables["CLOUDIFY_DISPATCH"] = "true"
        if task.bypassMaintenance { variables["BYPASS_MAINTENANCE"] = "True" }
        variables.merge(task.executionEnvironment) { $1 }
        if let slash = interpreter.lastIndex(of: "/") {
            variables["PATH"] = "\(interpreter[..<slash]):\(variables["PATH"] ?? defaultPath)"
        }
        return variables
    }
}
