internal import Glibc
internal import Operative

/// Where plugins are installed, laid out as Python agents do it, so that both find what the other has installed (Cloudify agent protocol, 9.2).
package struct PluginDirectories: Sendable, Hashable {
    /// A directory with an installed plugin.
    package struct Found: Sendable, Hashable {
        /// Its path.
        package let path: String
        /// The version that its name says.
        package let version: String
    }

    /// The version of plugins that have none: every other one comes before it.
    package static let noVersion = "0.0.0"
    /// The file that makes a directory a plugin's. It is written last.
    package static let marker = "plugin.id"

    /// The directory that holds `plugins` and `source_plugins`.
    package let base: String

    /// The directories below a base.
    package init(base: String) { self.base = base }

    /// Those of an agent: below `$CFY_PLUGINS_ROOT` where that exists, else below its interpreter's prefix.
    package init(environment: [String: String], prefix: String) {
        guard let root = environment["CFY_PLUGINS_ROOT"], !root.isEmpty, PluginFiles.exists(root) else {
            self.init(base: prefix)
            return
        }
        self.init(base: PluginFiles.absolute(root))
    }

    /// The plugin's directory, if it is installed: for its tenant, else for the deployment.
    ///
    /// - Parameters:
    ///   - version: nil for the highest that is installed.
    /// - Throws: ``NonRecoverableError`` when a name cannot be that of a directory.
    package func find(
        _ name: String, version: String?, tenant: String?, deployment: String?
    ) throws -> Found? {
        let managed = try versions(of: name, tenant: tenant, deployment: nil)
        if let found = try find(version, in: managed) { return found }
        guard let deployment, !deployment.isEmpty else { return nil }
        return try find(version, in: try versions(of: name, tenant: tenant, deployment: deployment))
    }

    /// Where a plugin is to be installed.
    ///
    /// - Parameters:
    ///   - deployment: nil for a plugin that all deployments of the tenant share.
    /// - Throws: ``NonRecoverableError`` when a name cannot be that of a directory.
    package func target(
        _ name: String, version: String?, tenant: String?, deployment: String?
    ) throws -> String {
        let parent = try versions(of: name, tenant: tenant, deployment: deployment)
        return try "\(parent)/\(Self.checked(version ?? Self.noVersion, as: "version"))"
    }

    /// Whether a directory holds a plugin that was installed to the end.
    package static func isPlugin(_ path: String) -> Bool {
        PluginFiles.isDirectory(path) && PluginFiles.exists("\(path)/\(marker)")
    }

    /// The directory with a directory for each version.
    private func versions(of name: String, tenant: String?, deployment: String?) throws -> String {
        var path = "\(base)/\(deployment == nil ? "plugins" : "source_plugins")"
        if let tenant, !tenant.isEmpty { path += "/\(try Self.checked(tenant, as: "tenant"))" }
        if let deployment { path += "/\(try Self.checked(deployment, as: "deployment"))" }
        return try "\(path)/\(Self.checked(name, as: "plugin"))"
    }

    private func find(_ version: String?, in directory: String) throws -> Found? {
        if let version {
            let path = try "\(directory)/\(Self.checked(version, as: "version"))"
            return Self.isPlugin(path) ? Found(path: path, version: version) : nil
        }
        let newest = PluginFiles.names(in: directory)
            .filter { Self.isPlugin("\(directory)/\($0)") }
            .max { PythonVersionNumber($0) < PythonVersionNumber($1) }
        return newest.map { Found(path: "\(directory)/\($0)", version: $0) }
    }

    /// Names come from tasks: none may lead out of its directory.
    private static func checked(_ name: String, as what: String) throws -> String {
        guard !name.isEmpty, name != ".", name != "..", name.utf8.count <= 255,
            !name.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == 0 })
        else { throw NonRecoverableError("'\(name.prefix(100))' cannot be the name of a \(what)") }
        return name
    }
}
