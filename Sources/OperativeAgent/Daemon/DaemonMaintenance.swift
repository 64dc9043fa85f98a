internal import AMQPClient
internal import AgentConfiguration
internal import AgentRuntime
internal import Logging
internal import Operative
internal import RabbitMQTransport
internal import Synchronization

/// Changes the files of a Cloudify agent as its manager asks, then takes into use what a start would find in them.
///
/// The files change first and all of them or none. Connections follow: nothing that the agent holds depends on one.
final class DaemonMaintenance: AgentMaintenance {
    private let transport: RabbitMQTransport
    private let managerTrust: ManagerTrust
    private let namedManagers: NamedManagers
    private let executor: any TaskExecutor
    private let logger: Logger
    private let reload: @Sendable () throws(ConfigurationError) -> AgentConfiguration
    /// One change of the files at a time.
    private let files = Mutex(())

    /// - Parameters:
    ///   - executor: where files are written, which takes as long as the disk does.
    ///   - reload: reads the configuration anew.
    init(
        transport: RabbitMQTransport, managerTrust: ManagerTrust, namedManagers: NamedManagers,
        executor: any TaskExecutor, logger: Logger,
        reload: @escaping @Sendable () throws(ConfigurationError) -> AgentConfiguration
    ) {
        self.transport = transport
        self.managerTrust = managerTrust
        self.namedManagers = namedManagers
        self.executor = executor
        self.logger = logger
        self.reload = reload
    }

    func replaceCertificates(
        manager: String?, broker: String?
    ) async throws(MaintenanceError) -> @Sendable () async -> Void {
        try await change(DaemonChange(managerCA: manager, brokerCA: broker))
    }

    func updateCluster(_ cluster: ClusterMembers) async throws(MaintenanceError) -> @Sendable () async -> Void {
        try await change(
            DaemonChange(
                managerCA: cluster.managerCA, brokerCA: cluster.brokerCA, brokers: cluster.brokers,
                managers: cluster.managers))
    }

    private func change(_ change: DaemonChange) async throws(MaintenanceError) -> @Sendable () async -> Void {
        let written = await Task(executorPreference: executor) { [self] in
            Result { () throws(MaintenanceError) in try write(change) }
        }.value
        let (configuration, isAuthorityNew) = try written.get()
        guard change.brokerCA != nil || change.brokers != nil else { return {} }
        let broker = configuration.transport.broker
        return { [transport, logger] in
            if let failure = await transport.redirect(
                to: broker.endpoints, tls: broker.tls, filesChanged: isAuthorityNew)
            {
                // The manager may exchange its own certificates only after those of its agents.
                logger.warning(
                    "No connection can be made the new way yet: the old one stays for as long as it lasts",
                    metadata: ["reason": "\(failure)"])
            }
        }
    }

    /// - Returns: the configuration that the files now give, and whether the broker's authority is another one.
    private func write(_ change: DaemonChange) throws(MaintenanceError) -> (AgentConfiguration, isAuthorityNew: Bool) {
        let result = files.withLock { _ -> Result<(AgentConfiguration, isAuthorityNew: Bool), MaintenanceError> in
            var files = FileSet()
            do {
                let daemon = try reload().daemon
                guard let daemon else { throw MaintenanceError("this agent is no Cloudify daemon") }
                let isAuthorityNew = try change.apply(to: daemon, in: &files)
                if let managers = change.managers { try namedManagers.write(managers, in: &files) }
                // What the next start would refuse must not stay.
                let configuration = try reload()
                if let managers = change.managers { managerTrust.change(hosts: managers) }
                return .success((configuration, isAuthorityNew))
            } catch {
                files.restore()
                return .failure(MaintenanceError("\(error)"))
            }
        }
        return try result.get()
    }
}
