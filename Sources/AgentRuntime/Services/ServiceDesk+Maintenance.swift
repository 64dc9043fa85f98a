internal import AgentProtocol
internal import Logging
internal import Operative

/// Service tasks that change the agent itself.
extension ServiceDesk {
    func replaceCertificates(_ task: ServiceTaskEnvelope) async -> ServiceAnswer {
        await maintain(task, keys: ["new_manager_ca", "new_broker_ca"]) {
            maintenance async throws(MaintenanceError) in
            try await maintenance.replaceCertificates(
                manager: try Self.optionalText(task, "new_manager_ca"),
                broker: try Self.optionalText(task, "new_broker_ca"))
        }
    }

    func updateCluster(_ task: ServiceTaskEnvelope) async -> ServiceAnswer {
        await maintain(task, keys: ["brokers", "broker_ca", "managers", "manager_ca"]) {
            maintenance async throws(MaintenanceError) in
            try await maintenance.updateCluster(
                ClusterMembers(
                    brokers: try Self.hosts(task, "brokers"), brokerCA: try Self.text(task, "broker_ca"),
                    managers: try Self.hosts(task, "managers"), managerCA: try Self.text(task, "manager_ca")))
        }
    }

    private func maintain(
        _ task: ServiceTaskEnvelope, keys: Set<String>,
        _ body: (any AgentMaintenance) async throws(MaintenanceError) -> @Sendable () async -> Void
    ) async -> ServiceAnswer {
        guard let maintenance = ports.maintenance else {
            let text = "\(task.taskName) is for agents started by the command worker; this one has a configuration."
            ports.logger.warning("\(text)")
            return ServiceAnswer(.error("NotImplementedError", text))
        }
        guard Set(task.kwargs.keys) == keys else {
            return ServiceAnswer(.error("TypeError", "\(task.taskName) takes \(keys.sorted().joined(separator: ", "))"))
        }
        do throws(MaintenanceError) {
            let takeIntoUse = try await body(maintenance)
            ports.logger.notice("Done", metadata: ["service_task": "\(task.taskName)"])
            return ServiceAnswer(.null, afterwards: takeIntoUse)
        } catch {
            ports.logger.error("\(task.taskName) failed, nothing was changed: \(error)")
            return ServiceAnswer(.error("ValueError", "\(error)"))
        }
    }

    private static func optionalText(
        _ task: ServiceTaskEnvelope, _ key: String
    ) throws(MaintenanceError) -> String? {
        guard let value = task.kwargs[key], !value.isNull, value.stringValue != "" else { return nil }
        return try text(task, key)
    }

    private static func text(_ task: ServiceTaskEnvelope, _ key: String) throws(MaintenanceError) -> String {
        guard let text = task.kwargs[key]?.stringValue, !text.isEmpty else {
            throw MaintenanceError("\(key) is no text that is not empty")
        }
        return text
    }

    private static func hosts(_ task: ServiceTaskEnvelope, _ key: String) throws(MaintenanceError) -> [String] {
        let elements = task.kwargs[key]?.arrayValue ?? []
        let hosts = elements.compactMap(\.stringValue).filter { !$0.isEmpty }
        guard !hosts.isEmpty, hosts.count == elements.count else {
            throw MaintenanceError("\(key) is no list of hosts")
        }
        return hosts
    }
}
