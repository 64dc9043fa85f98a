internal import AgentProtocol
internal import ManagerClient

extension ManagerFacts {
    /// What a task tells about its manager.
    init(_ task: OperationTaskContext) {
        self.init(
            hosts: task.restHosts, port: task.restPort, certificateAuthority: task.restCertificate,
            executionToken: task.executionToken, restToken: task.restToken, tenant: task.tenantName,
            bypassesMaintenance: task.bypassMaintenance)
    }
}
