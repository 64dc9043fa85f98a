internal import AgentProtocol
internal import ManagerClient
internal import Operative

/// What a task's operation reaches of its manager, over REST.
struct RESTAccess: ManagerAccess {
    let task: OperationTaskContext
    let line: ManagerLine
    let directories: WorkerDirectories
    let workdirs: WorkdirKeeper

    // MARK: Nodes and node instances

    func node(_ id: String, instance: String?) async throws -> Operative.NodeRecord {
        let deployment = task.deploymentID ?? ""
        let fields = try await line.call { try await $0.node(id, deployment: deployment, instance: instance).fields }
        return Operative.NodeRecord(id: id, fields: fields)
    }

    func nodeInstance(_ id: String) async throws -> Operative.NodeInstanceRecord {
        let fields = try await line.call { try await $0.nodeInstance(id).fields }
        return Operative.NodeInstanceRecord(id: id, fields: fields)
    }

    func storeRuntimeProperties(
        _ properties: [String: PropertyValue], of record: Operative.NodeInstanceRecord
    ) async throws -> Operative.NodeInstanceRecord {
        do {
            let fields = try await line.call { client in
                try await client.storeRuntimeProperties(
                    properties, of: record.id, version: record.version, state: record.state
                ).fields
            }
            return Operative.NodeInstanceRecord(id: record.id, nodeID: record.nodeID, fields: fields)
        } catch let failure as ManagerFailure where failure.error.reason == .conflict {
            throw UpdateConflict(instance: record.id, reason: failure.error.message)
        }
    }

    // MARK: The manager's own records

    func execution(_ id: String) async throws -> Operative.ExecutionRecord {
        Operative.ExecutionRecord(try await line.call { try await $0.execution(id).fields })
    }

    func operation(_ id: String) async throws -> Operative.OperationRecord? {
        try await line.call { try await $0.operation(id)?.fields }.map { Operative.OperationRecord($0) }
    }

    func updateOperation(_ id: String, state: OperationState) async throws {
        try await line.call { try await $0.setOperationState(state.rawValue, of: id) }
    }

    func configuration(name: String?, scope: String?) async throws -> [ConfigurationEntry] {
        let found = try await line.call { client async throws in
            guard let name else { return try await client.config(scope: scope) }
            return [try await client.config(name: name, scope: scope)]
        }
        return found.map { ConfigurationEntry($0) }
    }

    func managers() async throws -> [ManagerRecord] {
        try await line.call { try await $0.managers() }.map { ManagerRecord($0) }
    }

    func brokers() async throws -> [BrokerRecord] {
        try await line.call { try await $0.brokers() }.map { BrokerRecord($0) }
    }

    /// What the task says of it, with what the manager says.
    func tenant() async throws -> TenantRecord {
        guard let name = task.tenantName else { return TenantRecord(task.tenant) }
        let found = try await line.call { try await $0.tenant(name) }
        return TenantRecord(task.tenant.merging(found) { $1 })
    }

    func providerContext() async throws -> [String: PropertyValue] {
        try await line.call { try await $0.providerContext() }
    }

    func bootstrapContext() async throws -> BootstrapContext {
        var fields = try await providerContext()["cloudify"]?.objectValue ?? [:]
        var workflows = fields["workflows"]?.objectValue ?? [:]
        for entry in try await configuration(name: nil, scope: "workflow") { workflows[entry.name] = entry.value }
        fields["workflows"] = .object(workflows)
        return BootstrapContext(fields)
    }
}
