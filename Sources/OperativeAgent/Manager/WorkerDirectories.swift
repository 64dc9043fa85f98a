/// Where an installed agent keeps files, by its environment (Cloudify agent protocol, 5.5, 5.7 and 6.6).
struct WorkerDirectories: Sendable {
    /// `AGENT_WORK_DIR`; nil when it is not set.
    let work: String?
    /// `CFY_RESOURCES_ROOT`, under which local copies of deployments' directories are; nil when it is not set.
    let resources: String?
    /// Whether deployments' directories must be copied: false when the agent shares the manager's disk.
    let synchronizesDeployments: Bool
    /// Where files are put that operations ask for without saying where.
    let temporary: String

    init(environment: [String: String]) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        work = value("AGENT_WORK_DIR")
        resources = value("CFY_RESOURCES_ROOT")
        synchronizesDeployments = resources != nil && resources != value("MANAGER_FILE_SERVER_ROOT")
        let chosen = value("CFY_EXEC_TEMP").flatMap { LocalFiles.isDirectory($0) ? $0 : nil }
        temporary = chosen ?? value("TMPDIR") ?? "/tmp"
    }

    /// The local copy of a deployment's directory; nil without a deployment or a tenant, or when a name is none.
    func deployment(_ id: String?, tenant: String?) -> String? {
        guard let resources, let id, let tenant, Self.isName(id), Self.isName(tenant) else { return nil }
        return "\(resources)/deployments/\(tenant)/\(id)"
    }

    /// Whether a text is one part of a path and leads nowhere else.
    static func isName(_ text: String) -> Bool {
        !text.isEmpty && text != "." && text != ".." && !text.utf8.contains(UInt8(ascii: "/")) && !text.utf8.contains(0)
    }
}
