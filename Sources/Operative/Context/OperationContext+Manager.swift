// What only the manager knows. The answers are remembered until the operation ends, except where a function says otherwise.
extension OperationContext {
    /// Where the task's manager is, for plugins that talk to it themselves.
    public var managerAddress: ManagerAddress { scope.facts.manager }

    /// The agent that is installed on the machine of a compute node.
    ///
    /// - Throws: ``NonRecoverableError`` unless ``kind`` is ``ContextKind/nodeInstance`` and the node a compute node; else the manager's
    ///   error.
    public var agent: AgentFacts {
        get async throws {
            let node = try node
            guard try await node.typeHierarchy.contains("cloudify.nodes.Compute") else {
                throw NonRecoverableError(
                    "ctx.agent can only be used with compute nodes but current node is of type: \(try await node.type)")
            }
            return AgentFacts(try await instance.runtimeProperties["cloudify_agent"]?.objectValue ?? [:])
        }
    }

    /// What the manager's administrator has stored for the cloud that deployments are made in.
    ///
    /// - Throws: the manager's error; ``NonRecoverableError`` without a manager, as for everything below.
    public var providerContext: [String: PropertyValue] {
        get async throws {
            try await scope.answers.remember("provider") { try await scope.manager.providerContext() }
        }
    }

    /// How the manager was set up.
    public var bootstrapContext: BootstrapContext {
        get async throws {
            try await scope.answers.remember("bootstrap") { try await scope.manager.bootstrapContext() }
        }
    }

    /// The tenant as the manager describes it. Its name alone is ``tenant``, without a request.
    public func getTenant() async throws -> TenantRecord {
        try await scope.answers.remember("tenant") { try await scope.manager.tenant() }
    }

    /// The manager's configuration. Asked for at every call.
    ///
    /// - Parameters:
    ///   - name: the value wanted; `nil` for all.
    ///   - scope: the part of the manager that the values are for, such as `workflow`; `nil` for all.
    public func getConfig(name: String? = nil, scope: String? = nil) async throws -> [ConfigurationEntry] {
        try await self.scope.manager.configuration(name: name, scope: scope)
    }

    /// The managers that have an address in a network. Asked for at every call.
    public func getManagers(network: String = "default") async throws -> [ManagerRecord] {
        try await scope.manager.managers().filter { $0.networks[network] != nil }
    }

    /// The message brokers that have an address in a network. Asked for at every call.
    public func getBrokers(network: String = "default") async throws -> [BrokerRecord] {
        try await scope.manager.brokers().filter { $0.networks[network] != nil }
    }

    /// An execution. Asked for at every call: its status changes.
    ///
    /// - Parameter id: the execution; `nil` for the one that this operation belongs to.
    /// - Throws: ``NonRecoverableError`` when there is no id; else the manager's error.
    public func getExecution(_ id: String? = nil) async throws -> ExecutionRecord {
        guard let id = id ?? execution.id else {
            throw NonRecoverableError("This operation belongs to no execution: give the id of one.")
        }
        return try await scope.manager.execution(id)
    }

    /// This operation as the manager has recorded it; `nil` when it keeps no record. Asked for at every call.
    ///
    /// - Throws: ``NonRecoverableError`` when the task has no id; else the manager's error.
    public func getOperation() async throws -> OperationRecord? {
        try await scope.manager.operation(try requiredTaskID())
    }

    /// Changes the manager's record of this operation. The agent keeps it by itself; this is for what goes beyond.
    ///
    /// - Throws: as ``getOperation()``.
    public func updateOperation(state: OperationState) async throws {
        try await scope.manager.updateOperation(try requiredTaskID(), state: state)
    }

    private func requiredTaskID() throws -> String {
        guard let id = taskID else {
            throw NonRecoverableError("This task has no id, so the manager has no record of it.")
        }
        return id
    }
}
