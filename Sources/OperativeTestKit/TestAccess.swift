import Operative
import Synchronization

/// The manager of a test.
struct TestAccess: ManagerAccess {
    let world: TestWorld

    // MARK: Nodes and node instances

    func node(_ id: String, instance: String?) async throws -> NodeRecord {
        let known = world.state.withLock { state in
            instance.flatMap { state.records[$0]?.node } ?? state.records.values.first { $0.node.id == id }?.node
        }
        guard let known else { throw missing("node", id) }
        return known
    }

    func nodeInstance(_ id: String) async throws -> NodeInstanceRecord {
        guard let known = world.state.withLock({ $0.records[id]?.stored }) else { throw missing("instance", id) }
        return known
    }

    func storeRuntimeProperties(
        _ properties: [String: PropertyValue], of record: NodeInstanceRecord
    ) async throws -> NodeInstanceRecord {
        try world.state.withLock { state in
            if let failure = state.failure { throw failure }
            guard var stored = state.records[record.id]?.stored else { throw missing("instance", record.id) }
            if state.interferences[record.id]?.isEmpty == false,
                let change = state.interferences[record.id]?.removeFirst()
            {
                change(&stored.runtimeProperties)
                stored.version += 1
                state.records[record.id]?.stored = stored
            }
            guard stored.version == record.version else {
                state.conflicts += 1
                throw UpdateConflict(instance: record.id)
            }
            stored.runtimeProperties = properties
            stored.version += 1
            state.records[record.id]?.stored = stored
            state.saves.append(record.id)
            return stored
        }
    }

    // MARK: The manager's own records

    func execution(_ id: String) async throws -> ExecutionRecord {
        let own: ExecutionStatus? = id == world.task.executionID ? .started : nil
        guard let status = world.knowledge.executions[id] ?? own else { throw missing("execution", id) }
        var fields: [String: PropertyValue] = ["id": .string(id), "status": .string(status.rawValue)]
        fields["workflow_id"] = world.task.workflowID.map { .string($0) }
        fields["deployment_id"] = world.task.deploymentID.map { .string($0) }
        fields["blueprint_id"] = world.task.blueprintID.map { .string($0) }
        return ExecutionRecord(fields)
    }

    func operation(_ id: String) async throws -> OperationRecord? {
        guard let state = world.state.withLock({ $0.operationState }) else { return nil }
        return OperationRecord(["id": .string(id), "state": .string(state.rawValue)])
    }

    func updateOperation(_ id: String, state: OperationState) async throws {
        world.state.withLock { $0.operationState = state }
    }

    func configuration(name: String?, scope: String?) async throws -> [ConfigurationEntry] {
        guard scope == nil || scope == "workflow" else { return [] }
        return world.knowledge.configuration.filter { name == nil || $0.key == name }.sorted { $0.key < $1.key }.map {
            ConfigurationEntry(["name": .string($0.key), "value": $0.value, "scope": ["workflow"]])
        }
    }

    func managers() async throws -> [ManagerRecord] {
        world.knowledge.managers.map { ManagerRecord(["hostname": .string($0), "networks": ["default": .string($0)]]) }
    }

    func brokers() async throws -> [BrokerRecord] {
        world.knowledge.brokers.map {
            BrokerRecord(["host": .string($0), "networks": ["default": .string($0)], "ca_cert_content": ""])
        }
    }

    func tenant() async throws -> TenantRecord {
        var fields = world.knowledge.tenant
        fields["name"] = fields["name"] ?? world.task.tenantName.map { .string($0) }
        return TenantRecord(fields)
    }

    func providerContext() async throws -> [String: PropertyValue] { world.knowledge.providerContext }
    func bootstrapContext() async throws -> BootstrapContext { BootstrapContext(world.knowledge.bootstrapContext) }

    // MARK: Resources

    func resource(_ path: String) async throws -> [UInt8] {
        guard let content = world.knowledge.resources[path] else {
            throw ResourceError(.notFound, path: path, message: "Resource not found: \(path)")
        }
        return Array(content.utf8)
    }

    func downloadResource(_ path: String, to target: String?) async throws -> String {
        try await saveResource(try await resource(path), of: path, to: target)
    }

    func saveResource(_ content: [UInt8], of path: String, to target: String?) async throws -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? "resource"
        let file = try target ?? (try world.files.makeDirectory() + "/" + name)
        try world.files.write(content, to: file)
        return file
    }

    func downloadDirectory(_ path: String) async throws -> String {
        let prefix = path.hasSuffix("/") ? path : path + "/"
        let found = world.knowledge.resources.filter { $0.key.hasPrefix(prefix) }
        guard !found.isEmpty else {
            throw ResourceError(.notFound, path: path, message: "Resource not found: \(path)")
        }
        let directory = try world.files.makeDirectory()
        for (name, content) in found {
            try world.files.write(Array(content.utf8), to: directory + "/" + name.dropFirst(prefix.count))
        }
        return directory
    }

    // MARK: Directories

    func pluginWorkdir() async throws -> String? { try directory("plugin") }
    func pluginPrefix() async throws -> String? { nil }
    func deploymentWorkdir() async throws -> String? {
        guard world.task.deploymentID != nil, world.task.tenantName != nil else { return nil }
        return try directory("deployment")
    }
    func downloadDeploymentWorkdir() async throws {}
    func uploadDeploymentWorkdir() async throws {}
    func uploadDeploymentFile(_ path: String, from file: String, modified: Duration?) async throws {
        let content = try world.files.read(file)
        world.state.withLock { $0.deploymentFiles[path] = content }
    }
    func deleteDeploymentFile(_ path: String) async throws {
        world.state.withLock { $0.deploymentFiles[path] = nil }
    }

    private func directory(_ name: String) throws -> String {
        if let known = world.state.withLock({ $0.directories[name] }) { return known }
        let made = try world.files.makeDirectory()
        return world.state.withLock { state in
            let directory = state.directories[name] ?? made
            state.directories[name] = directory
            return directory
        }
    }

    private func missing(_ what: String, _ id: String) -> NonRecoverableError {
        NonRecoverableError("The test has no \(what) '\(id)': give it to the environment.")
    }
}
