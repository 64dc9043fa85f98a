internal import ManagerClient

extension ManagerSender {
    /// Who the process is, by its variables: `AGENT_NAME`, or `MANAGER_NAME` on a management worker.
    init(agentName: String, environment: [String: String]) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let managerName = value("MANAGER_NAME")
        self.init(
            agentName: value("AGENT_NAME") ?? (managerName == nil ? agentName : nil), managerName: managerName)
    }
}
