/// Who the agent says it is, in operation states and in log records.
public struct ManagerSender: Sendable, Hashable {
    /// The agent's name, `AGENT_NAME`; `nil` on a management worker.
    public let agentName: String?
    /// The manager's name, `MANAGER_NAME`; `nil` on an agent.
    public let managerName: String?

    /// A sender with these names.
    public init(agentName: String? = nil, managerName: String? = nil) {
        self.agentName = agentName
        self.managerName = managerName
    }
}
