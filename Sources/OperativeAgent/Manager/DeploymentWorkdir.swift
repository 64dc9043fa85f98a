internal import AgentProtocol
internal import ManagerClient
internal import Operative

/// The local copy of a deployment's directory on the manager (Cloudify agent protocol, 6.6).
///
/// The copy has an index: each file with the time that the manager knows for it. All operations of the deployment on this machine share
/// copy and index; each brings them up to date before it starts and hands over what has changed after it has ended. The keeper lets one of
/// them at a time do that, and the index is replaced as a whole.
struct DeploymentWorkdir: Sendable {
    static let indexName = ".cloudify-index.json"
    /// How many bytes one file may have.
    static let fileLimit = 16 << 30
    /// How many bytes an index may have.
    private static let indexLimit = 64 << 20

    let directory: String
    let deployment: String
    let tenant: String
    let line: ManagerLine
    let keeper: WorkdirKeeper

    /// - Returns: nil when the task has no such directory, or it is the manager's own.
    init?(task: OperationTaskContext, line: ManagerLine, directories: WorkerDirectories, keeper: WorkdirKeeper) {
        guard directories.synchronizesDeployments, let deployment = task.deploymentID, let tenant = task.tenantName,
            let directory = directories.deployment(deployment, tenant: tenant)
        else { return nil }
        self.directory = directory
        self.deployment = deployment
        self.tenant = tenant
        self.line = line
        self.keeper = keeper
    }

    /// Brings the local copy up to date.
    func download() async throws {
        try await keeper.withDirectory(directory) {
            try LocalFiles.makeDirectory(directory)
            guard let known = try index() else { return try await fetchAll() }
            let index = try await line.call { try await $0.workdirIndex(of: deployment, tenant: tenant) }
            for (name, time) in index where known[name] != time { try await fetch(name, time) }
            for name in known.keys where index[name] == nil { try LocalFiles.remove(try path(of: name)) }
            if index != known { try save(index) }
        }
    }

    /// Hands over what has changed.
    func upload() async throws {
        try await keeper.withDirectory(directory) {
            guard let known = try index() else { return }
            var index = known
            do {
                try await handOver(&index)
            } catch {
                // What has arrived need not be sent again.
                if index != known { try? save(index) }
                throw error
            }
            if index != known { try save(index) }
        }
    }

    private func handOver(_ index: inout [String: String]) async throws {
        var files = try LocalFiles.files(below: directory)
        files[Self.indexName] = nil
        for (name, modification) in files.sorted(by: { $0.key < $1.key }) where !Self.isPartial(name) {
            let time = "\(modification)"
            guard index[name].flatMap(Modification.init) != modification, index[name] != time else { continue }
            do {
                try await line.call { client in
                    try await client.uploadWorkdirFile(
                        "\(directory)/\(name)", as: name, modified: time, to: deployment, tenant: tenant)
                }
            } catch let failure as ManagerFailure where failure.error.reason == .localFile {
                // Another operation is at work on it, and sees to it when it has ended.
                if isUnchanged(name, since: modification) { throw failure }
                continue
            }
            index[name] = time
        }
        for name in index.keys.sorted() where files[name] == nil {
            try await line.call { try await $0.deleteWorkdirFile(name, of: deployment, tenant: tenant) }
            index[name] = nil
        }
    }

    private func isUnchanged(_ name: String, since modification: Modification) -> Bool {
        if case .file(modification) = LocalFiles.kind(of: "\(directory)/\(name)") { true } else { false }
    }

    private func fetchAll() async throws {
        let index = try await line.call { try await $0.workdirIndex(of: deployment, tenant: tenant) }
        for (name, time) in index { try await fetch(name, time) }
        try save(index)
    }

    private func fetch(_ name: String, _ time: String) async throws {
        let target = try path(of: name)
        try await line.call { client in
            _ = try await client.downloadWorkdirFile(
                name, of: deployment, tenant: tenant, to: target, limit: Self.fileLimit)
        }
        if let modification = Modification(time) { try LocalFiles.setModification(modification, of: target) }
    }

    /// Where a file of the index is; the directories above it are made.
    private func path(of name: String) throws -> String {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ WorkerDirectories.isName(String($0)) }), name != Self.indexName else {
            throw NonRecoverableError("The deployment's directory has a file '\(name)', which cannot be copied.")
        }
        try LocalFiles.makeParents(of: name, in: directory)
        return "\(directory)/\(name)"
    }

    /// - Returns: nil when there is none, or it is none: everything is fetched then.
    private func index() throws -> [String: String]? {
        guard let bytes = try LocalFiles.read("\(directory)/\(Self.indexName)", limit: Self.indexLimit) else {
            return nil
        }
        return (try? PropertyValue(json: bytes))?.objectValue?.compactMapValues { $0.stringValue }
    }

    private func save(_ index: [String: String]) throws {
        let content = PropertyValue.object(index.mapValues { .string($0) }).json
        try LocalFiles.write(content, to: "\(directory)/\(Self.indexName)")
    }

    /// Files that the agent itself is about to finish.
    private static func isPartial(_ name: String) -> Bool { name.hasSuffix(".partial") }
}
