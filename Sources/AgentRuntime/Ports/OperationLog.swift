package import AgentProtocol

/// Keeps what operations log on the agent's own machine, for whoever looks there.
package protocol OperationLog: Sendable {
    /// Takes one log record of an operation, and returns when it is written or given up.
    func write(_ text: String, level: RecordLevel, of task: OperationTaskContext)
}
