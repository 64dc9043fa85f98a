internal import Operative

extension ManagerClient {
    /// Plugins of a name and a version: `GET /plugins`.
    public func plugins(
        packageName: String, packageVersion: String? = nil
    ) async throws(ManagerError) -> [PluginRecord] {
        var request = ManagerRequest.api(.get, "plugins")
        request.query = [("package_name", packageName)]
        if let packageVersion { request.query.append(("package_version", packageVersion)) }
        return try await items(request).map { fields throws(ManagerError) in try PluginRecord(fields) }
    }

    /// Fetches a plugin's archive into a file: `GET /plugins/<id>/archive`.
    ///
    /// - Parameters:
    ///   - id: The plugin.
    ///   - target: The file to make or to replace.
    ///   - limit: How many bytes it may have.
    /// - Returns: How many bytes it has.
    @discardableResult
    public func downloadPluginArchive(
        _ id: String, to target: String, limit: Int
    ) async throws(ManagerError) -> Int {
        try await download(.api(.get, "plugins", checked(id, as: "plugin id"), "archive"), to: target, limit: limit)
            .length
    }

    /// Stores how far a plugin's installation is on this agent: `PUT /plugins/<id>`.
    ///
    /// - Parameters:
    ///   - state: Such as `installing`, `installed`, `error` or `uninstalled`.
    ///   - id: The plugin.
    ///   - error: What went wrong.
    public func setPluginState(
        _ state: String, of id: String, error: String? = nil
    ) async throws(ManagerError) {
        var members: [String: PropertyValue] = ["state": .string(state)]
        if let agent = sender.agentName {
            members["agent"] = .string(agent)
        } else if let manager = sender.managerName {
            members["manager"] = .string(manager)
        }
        if let error { members["error"] = .string(error) }
        _ = try await send(writing(members, .api(.put, "plugins", checked(id, as: "plugin id"))))
    }
}
