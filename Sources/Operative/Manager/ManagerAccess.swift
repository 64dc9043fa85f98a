/// What one operation reaches of its manager, or of whatever stands in for one.
///
/// Everything is asked for by the operation, at most once where the context remembers the answer. Errors reach the operation as they
/// are: a ``NonRecoverableError`` where asking again is pointless, any other error where it may help.
package protocol ManagerAccess: Sendable {
    // MARK: Nodes and node instances

    /// A node, its properties evaluated.
    ///
    /// - Parameter instance: for whom functions such as `get_attribute: [SELF, …]` are evaluated; nil for nobody.
    func node(_ id: String, instance: String?) async throws -> NodeRecord
    /// A node instance, its properties evaluated.
    func nodeInstance(_ id: String) async throws -> NodeInstanceRecord
    /// Replaces the runtime properties of an instance, if `record` still has its newest version, and returns what is stored now.
    ///
    /// - Throws: ``UpdateConflict`` when somebody else was faster, and only then; nothing has changed in that case.
    func storeRuntimeProperties(
        _ properties: [String: PropertyValue], of record: NodeInstanceRecord
    ) async throws -> NodeInstanceRecord

    // MARK: The manager's own records

    func execution(_ id: String) async throws -> ExecutionRecord
    /// Nil when the manager keeps no record of the operation.
    func operation(_ id: String) async throws -> OperationRecord?
    func updateOperation(_ id: String, state: OperationState) async throws
    /// All values, those of one scope, the one of a name, or the one of a name within a scope.
    func configuration(name: String?, scope: String?) async throws -> [ConfigurationEntry]
    func managers() async throws -> [ManagerRecord]
    func brokers() async throws -> [BrokerRecord]
    func tenant() async throws -> TenantRecord
    func providerContext() async throws -> [String: PropertyValue]
    func bootstrapContext() async throws -> BootstrapContext

    // MARK: Resources

    /// The content of a resource: of the deployment, else of the blueprint, else of everybody.
    ///
    /// - Throws: ``ResourceError`` when there is none of that path, or it is too large for memory.
    func resource(_ path: String) async throws -> [UInt8]
    /// Downloads a resource as a whole or not at all.
    ///
    /// - Parameter target: the file to make or replace; nil makes one of the resource's name in a directory of its own.
    /// - Returns: the path of the file.
    func downloadResource(_ path: String, to target: String?) async throws -> String
    /// Writes content as ``downloadResource(_:to:)`` would write that of the resource `path`.
    func saveResource(_ content: [UInt8], of path: String, to target: String?) async throws -> String
    /// Downloads a directory of the deployment and the blueprint into a new directory, and returns its path.
    func downloadDirectory(_ path: String) async throws -> String

    // MARK: Directories

    /// The directory of the task's plugin, made when missing; nil when the task names no plugin.
    func pluginWorkdir() async throws -> String?
    /// Where the task's plugin is installed; nil when it is built in.
    func pluginPrefix() async throws -> String?
    /// The local copy of the deployment's working directory; nil when the task has no deployment or no tenant.
    func deploymentWorkdir() async throws -> String?
    func downloadDeploymentWorkdir() async throws
    func uploadDeploymentWorkdir() async throws
    /// Copies a file of this machine into the deployment's working directory on the manager.
    ///
    /// - Parameter modified: when it is said to have been changed, since 1970; nil when it was.
    func uploadDeploymentFile(_ path: String, from file: String, modified: Duration?) async throws
    func deleteDeploymentFile(_ path: String) async throws
}
