/// What a manager may change about the agent itself while it runs.
///
/// Each change is kept when the function returns. What it returns takes the change into use, and is to be called once the task is acknowledged: an
/// acknowledgement that is lost with a connection brings the task back.
package protocol AgentMaintenance: Sendable {
    /// Trusts other authorities from now on. Nil leaves what there is.
    func replaceCertificates(
        manager: String?, broker: String?
    ) async throws(MaintenanceError) -> @Sendable () async -> Void
    /// Works with other nodes of the broker and other managers from now on.
    func updateCluster(_ cluster: ClusterMembers) async throws(MaintenanceError) -> @Sendable () async -> Void
}

/// The nodes of a manager cluster, with the certificates (PEM) that may sign theirs.
package struct ClusterMembers: Sendable, Hashable {
    package let brokers: [String]
    package let brokerCA: String
    package let managers: [String]
    package let managerCA: String

    package init(brokers: [String], brokerCA: String, managers: [String], managerCA: String) {
        self.brokers = brokers
        self.brokerCA = brokerCA
        self.managers = managers
        self.managerCA = managerCA
    }
}

/// Why a change was not made. Everything is as it was then.
package struct MaintenanceError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
