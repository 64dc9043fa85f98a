/// An instance of a node, with properties that operations write. Fetched as a whole on first use.
///
/// Changes are saved when the operation ends, whether it succeeds, fails or asks to be run again. Save earlier with ``update()``
/// what must not be lost if the machine fails, such as the id of a resource that was just created.
public struct NodeInstance: Sendable {
    let reference: NodeReference
    let scope: OperationScope
    /// Whether it belongs to somebody else: it was reached through a relationship.
    var isReadOnly = false

    /// The id of the instance.
    public var id: String { reference.instanceID }

    /// The node that this is an instance of.
    public var node: Node { Node(reference: reference, scope: scope) }

    // MARK: Runtime properties

    /// The runtime properties, including changes not saved yet.
    ///
    /// - Throws: the error of the manager or of the connection to it.
    public var runtimeProperties: [String: PropertyValue] {
        get async throws { try await state.runtimeProperties() }
    }

    /// Changes runtime properties. Concurrent calls within the operation follow one after the other.
    ///
    /// ```swift
    /// try await ctx.instance.modifyRuntimeProperties { $0["address"] = .string(address) }
    /// ```
    ///
    /// Changes at any depth count. A closure that throws changes nothing.
    ///
    /// - Parameter body: receives all runtime properties; it must not wait for anything.
    /// - Returns: what the closure returns.
    /// - Throws: the closure's error, or that of loading the properties; ``NonRecoverableError`` for an instance that was reached
    ///   through ``relationships``.
    public func modifyRuntimeProperties<Result: Sendable>(
        _ body: (inout [String: PropertyValue]) throws -> Result
    ) async throws -> Result {
        guard !isReadOnly else {
            throw NonRecoverableError("Cannot modify runtime properties of relationship node instances")
        }
        return try await state.modify(body)
    }

    /// Saves changes now. Does nothing when nothing has changed.
    ///
    /// - Throws: ``UpdateConflict`` when somebody else has changed the instance since it was read; else the manager's error.
    public func update() async throws {
        guard !isReadOnly else { return }
        try await state.save()
    }

    /// Saves changes now, together with those that others make meanwhile. Does nothing when nothing has changed.
    ///
    /// ```swift
    /// try await ctx.instance.update(onConflict: .simpleMerge)
    /// ```
    ///
    /// - Parameter handler: decides about conflicts, as often as there are any.
    /// - Throws: the handler's error, or the manager's.
    public func update(onConflict handler: ConflictHandler) async throws {
        guard !isReadOnly else { return }
        try await state.save(onConflict: handler)
    }

    /// Saves changes now, together with those that others make meanwhile. Does nothing when nothing has changed.
    ///
    /// ```swift
    /// try await ctx.instance.update { mine, latest in
    ///     latest.merging(mine) { _, own in own }
    /// }
    /// ```
    ///
    /// - Parameter merge: see ``ConflictHandler/init(_:)``.
    /// - Throws: the closure's error, or the manager's.
    public func update(
        onConflict merge:
            @escaping @Sendable (_ mine: [String: PropertyValue], _ latest: [String: PropertyValue]) throws -> [String:
            PropertyValue]
    ) async throws {
        try await update(onConflict: ConflictHandler(merge))
    }

    /// Fetches the instance again, to see what others have changed.
    ///
    /// - Parameter force: whether changes that are not saved may be lost.
    /// - Throws: ``NonRecoverableError`` when there are such changes and `force` is false; else the manager's error.
    public func refresh(force: Bool = false) async throws {
        try await state.refresh(force: force)
    }

    // MARK: What else is known of it

    /// Which of the node's instances it is, from 1.
    ///
    /// - Throws: the manager's error; ``NonRecoverableError`` without a manager, unless the task brings it.
    public var index: Int {
        get async throws { try known(try await state.record().index, "index") }
    }

    /// The instances of scaling groups that it belongs to.
    ///
    /// - Throws: as ``index``.
    public var scalingGroups: [ScalingGroup] {
        get async throws { try known(try await state.record().scalingGroups, "scaling groups") }
    }

    /// Its relationships, in the order of the blueprint.
    ///
    /// - Throws: as ``index``.
    public var relationships: [Relationship] {
        get async throws {
            try known(try await state.record().relationships, "relationships").map {
                Relationship(record: $0, owner: node, scope: scope)
            }
        }
    }

    /// The address of the machine it is on: the runtime property `ip` of that machine's instance, else the property `ip` of its node.
    ///
    /// - Throws: ``NonRecoverableError`` when it is on no machine, or the machine has neither; else the manager's error.
    public var hostIP: String {
        get async throws {
            guard let host = try await state.record().hostID, !host.isEmpty else {
                throw NonRecoverableError("host_id missing")
            }
            let machine = scope.instance(host)
            if let address = try await machine.runtimeProperties()["ip"]?.stringValue, !address.isEmpty {
                return address
            }
            let properties =
                host == id
                ? try await node.properties : try await scope.node(try await machine.record().nodeID, of: machine)
            guard let address = properties["ip"]?.stringValue, !address.isEmpty else {
                throw NonRecoverableError("could not find ip for host node instance: \(host)")
            }
            return address
        }
    }

    /// What the last check found to differ from what the blueprint says; nil when there was no check, or it failed.
    ///
    /// - Throws: the manager's error.
    public var drift: PropertyValue? {
        get async throws {
            guard let check = try await state.record().systemProperties["configuration_drift"],
                check["ok"]?.boolValue == true
            else { return nil }
            return check["result"]
        }
    }

    private var state: InstanceState { scope.instance(reference.instanceID) }

    private func known<Value>(_ value: Value?, _ what: String) throws -> Value {
        guard let value else {
            throw NonRecoverableError(
                "The \(what) of the instance \(id) is not known: it needs a manager, or a task that brings it.")
        }
        return value
    }
}
