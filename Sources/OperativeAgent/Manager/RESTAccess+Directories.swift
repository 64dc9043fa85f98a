internal import AgentProtocol
internal import ManagerClient
internal import Operative

extension RESTAccess {
    func pluginWorkdir() async throws -> String? {
        guard let plugin = task.plugin?.name, !plugin.isEmpty else { return nil }
        guard let deployment = task.deploymentID, !deployment.isEmpty else {
            throw NonRecoverableError(
                "get_workdir is only implemented for operations that are invoked as part of a deployment.")
        }
        guard let work = directories.work else {
            throw NonRecoverableError("AGENT_WORK_DIR is not set: there is no directory for the plugin's own files.")
        }
        for name in [plugin, deployment, task.tenantName ?? "-"] where !WorkerDirectories.isName(name) {
            throw NonRecoverableError("'\(name)' cannot be the name of a directory.")
        }
        var base = work
        // There on management workers, not on the agents of hosts.
        if let tenant = task.tenantName, LocalFiles.isDirectory("\(work)/deployments/\(tenant)") {
            base = "\(work)/deployments/\(tenant)/\(deployment)"
        }
        let directory = "\(base)/plugins/\(plugin)"
        try LocalFiles.makeDirectory(directory)
        return directory
    }

    /// Native plugins are built in.
    func pluginPrefix() async throws -> String? { nil }

    func deploymentWorkdir() async throws -> String? {
        guard !(task.deploymentID ?? "").isEmpty, !(task.tenantName ?? "").isEmpty else { return nil }
        guard directories.resources != nil else {
            throw NonRecoverableError(
                "Local resources root directory not defined, is CFY_RESOURCES_ROOT environment variable set?")
        }
        return directories.deployment(task.deploymentID, tenant: task.tenantName)
    }

    func downloadDeploymentWorkdir() async throws { try await workdir?.download() }
    func uploadDeploymentWorkdir() async throws { try await workdir?.upload() }

    func uploadDeploymentFile(_ path: String, from file: String, modified: Duration?) async throws {
        guard case .file(let ownModification) = LocalFiles.kind(of: file) else {
            throw NonRecoverableError("\(file) is no file.")
        }
        let modification = modified.map { Modification($0) } ?? ownModification
        let (deployment, tenant) = (task.deploymentID ?? "", task.tenantName ?? "")
        try await deploymentFileCall(path) { client in
            try await client.uploadWorkdirFile(
                file, as: path, modified: "\(modification)", to: deployment, tenant: tenant)
        }
    }

    func deleteDeploymentFile(_ path: String) async throws {
        let (deployment, tenant) = (task.deploymentID ?? "", task.tenantName ?? "")
        try await deploymentFileCall(path) { try await $0.deleteWorkdirFile(path, of: deployment, tenant: tenant) }
    }

    private var workdir: DeploymentWorkdir? {
        DeploymentWorkdir(task: task, line: line, directories: directories, keeper: workdirs)
    }

    private func deploymentFileCall(_ path: String, _ body: (ManagerClient) async throws -> Void) async throws {
        do {
            try await line.call(body)
        } catch let error as NonRecoverableError {
            throw ResourceError(.invalidPath, path: path, message: "\(error)")
        }
    }
}
