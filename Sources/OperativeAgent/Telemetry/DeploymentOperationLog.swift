internal import AgentConfiguration
internal import AgentProtocol
internal import AgentRuntime
internal import Observability
internal import Operative

/// What operations log, in a file for each deployment.
struct DeploymentOperationLog: OperationLog {
    private let logs: DeploymentLogs

    /// `logs` beside the log file of an agent that a Cloudify manager installed; nil for any other agent.
    init?(_ daemon: CloudifyDaemon?) {
        guard let file = daemon?.logFile, let slash = file.path.lastIndex(of: "/") else { return nil }
        logs = DeploymentLogs(
            directory: file.path[..<slash] + "/logs", maxBytes: file.maxBytes, maxHistory: file.maxHistory)
    }

    /// The file that processes of a deployment's operations append to; nil when it cannot be written.
    func path(of deployment: String?) -> String? { logs.path(of: deployment) }

    func write(_ text: String, level: RecordLevel, of task: OperationTaskContext) {
        let node: String? =
            switch task.subject {
            case .deployment: nil
            case .nodeInstance(let node): node.instanceID
            case .relationship(let source, let target): "\(source.instanceID)->\(target.instanceID)"
            }
        logs.write(text, level: level.rawValue, deployment: task.deploymentID, execution: task.executionID, node: node)
    }
}
