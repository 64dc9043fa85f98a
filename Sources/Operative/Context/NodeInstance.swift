/// An instance of a node, with properties that operations write.
///
/// Changes are saved when the operation ends, whether it succeeds, fails or asks to be run again. Save earlier with ``update()``
/// what must not be lost if the machine fails, such as the id of a resource that was just created.
public struct NodeInstance: Sendable {
    let reference: NodeReference
    let scope: OperationScope

    /// The id of the instance.
    public var id: String { reference.instanceID }

    /// The runtime properties, including changes not saved yet. Fetched on first use.
    ///
    /// - Throws: the error of the manager or of the connection to it.
    public var runtimeProperties: [String: PropertyValue] {
        get async throws { try await scope.instance(reference).runtimeProperties() }
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
    /// - Throws: the closure's error, or that of loading the properties.
    public func modifyRuntimeProperties<Result: Sendable>(
        _ body: (inout [String: PropertyValue]) throws -> Result
    ) async throws -> Result {
        try await scope.instance(reference).modify(body)
    }

    /// Saves changes now. Does nothing when nothing has changed.
    ///
    /// - Throws: the manager's error, in particular when somebody else has changed the same instance in the meantime.
    public func update() async throws {
        try await scope.instance(reference).save()
    }
}
