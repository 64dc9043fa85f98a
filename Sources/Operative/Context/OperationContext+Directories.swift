// Directories on this machine that belong to the plugin or to the deployment.
extension OperationContext {
    /// A directory for the plugin's own files, made when missing and kept; `nil` when the task names no plugin.
    ///
    /// - Throws: the error of the file system.
    public var pluginWorkdir: String? {
        get async throws { try await scope.manager.pluginWorkdir() }
    }

    /// Where the task's plugin is installed; `nil` when it is built into the agent, as native plugins are.
    public var pluginPrefix: String? {
        get async throws { try await scope.manager.pluginPrefix() }
    }

    /// The local copy of the deployment's working directory; `nil` when the task has no deployment or no tenant.
    ///
    /// - Throws: ``NonRecoverableError`` when this agent keeps no such copies.
    public var localDeploymentWorkdir: String? {
        get async throws { try await scope.manager.deploymentWorkdir() }
    }

    /// Brings the local copy of the deployment's working directory up to date with the manager's. Does nothing when the agent shares
    /// the manager's disk, or keeps no such copies.
    ///
    /// - Throws: the error of the manager or the file system.
    public func downloadDeploymentWorkdir() async throws { try await scope.manager.downloadDeploymentWorkdir() }

    /// Brings the deployment's working directory on the manager up to date with the local copy. Does nothing when the agent shares the
    /// manager's disk, or keeps no such copies.
    ///
    /// - Throws: the error of the manager or the file system.
    public func uploadDeploymentWorkdir() async throws { try await scope.manager.uploadDeploymentWorkdir() }

    /// Runs `body` on an up-to-date copy of the deployment's working directory, and uploads what it has changed, also when it throws.
    ///
    /// - Returns: what `body` returns.
    /// - Throws: the error of `body`, else that of the manager or the file system.
    public func syncDeploymentWorkdir<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        try await downloadDeploymentWorkdir()
        let result: Result
        do {
            result = try await body()
        } catch {
            try? await uploadDeploymentWorkdir()
            throw error
        }
        try await uploadDeploymentWorkdir()
        return result
    }

    /// Copies a file of this machine into the deployment's working directory on the manager.
    ///
    /// - Parameters:
    ///   - path: where to, relative to that directory.
    ///   - file: the file's path.
    ///   - modified: when the manager is to say that it was changed, since 1970-01-01T00:00:00Z, to the microsecond; `nil` for when it
    ///     was.
    /// - Throws: ``ResourceError`` for a path that leads out of the directory; else the error of the manager or the file system.
    public func uploadDeploymentFile(_ path: String, from file: String, modified: Duration? = nil) async throws {
        try await scope.manager.uploadDeploymentFile(path, from: file, modified: modified)
    }

    /// Deletes a file of the deployment's working directory on the manager.
    ///
    /// - Parameter path: relative to that directory.
    /// - Throws: as ``uploadDeploymentFile(_:from:modified:)``.
    public func deleteDeploymentFile(_ path: String) async throws {
        try await scope.manager.deleteDeploymentFile(path)
    }
}
