internal import Operative

extension ManagerClient {
    /// A resource, in memory.
    ///
    /// It is looked for in the deployment's folder, then in the blueprint's (for a global blueprint, its own tenant's), then by its
    /// path on the file server. `namespace--path` is one of a blueprint that was imported under a namespace.
    ///
    /// - Parameters:
    ///   - path: Relative to each of these.
    ///   - location: Whose resources.
    ///   - limit: How many bytes it may have; the pool's limit when `nil`.
    /// - Throws: ``ManagerError`` with ``ManagerError/Reason/notFound`` and all paths that were tried when there is none,
    ///   ``ManagerError/Reason/invalidRequest`` when the path tries to leave its directory.
    public func resource(
        _ path: String, of location: ResourceLocation, limit: Int? = nil
    ) async throws(ManagerError) -> [UInt8] {
        let sink = ResponseSink.memory(limit: limit ?? pool.configuration.answerLimit)
        return try await firstFound(path, location) { request throws(ManagerError) in
            try await send(request, to: sink).body
        }
    }

    /// Fetches a resource into a file, which appears when it is complete. Looked for as by ``resource(_:of:limit:)``.
    ///
    /// - Parameters:
    ///   - path: Relative to each of the places that are looked into.
    ///   - location: Whose resources.
    ///   - target: The file to make or to replace; its directory must exist. Only the owner may read it.
    ///   - limit: How many bytes it may have.
    /// - Returns: How many bytes it has.
    @discardableResult
    public func downloadResource(
        _ path: String, of location: ResourceLocation, to target: String, limit: Int
    ) async throws(ManagerError) -> Int {
        try await firstFound(path, location) { request throws(ManagerError) in
            try await download(request, to: target, limit: limit).length
        }
    }

    /// The files below a directory of the deployment and of the blueprint, relative to it, sorted. Names that try to leave it are
    /// an error.
    ///
    /// - Throws: ``ManagerError`` with ``ManagerError/Reason/notFound`` when neither has such a directory.
    public func resourceDirectory(
        _ path: String, of location: ResourceLocation
    ) async throws(ManagerError) -> [String] {
        let directory = try ResourcePath(path)
        var names: Set<String> = []
        var tried: [String] = []
        var isFound = false
        for folder in ResourceFolder.allCases where folder != .root {
            guard let place = try await self.path(of: directory.text, in: folder, location) else { continue }
            tried.append(place)
            let request = Self.file(place)
            do throws(ManagerError) {
                let listing = try RecordFields(try await send(request).json(request), request.summary)
                for name in listing.members.keys { names.insert(try ResourcePath(name).text) }
                isFound = true
            } catch {
                guard error.reason == .invalidResponse || Self.isElsewhere(error) else { throw error }
            }
        }
        guard isFound, !names.isEmpty else {
            throw Self.missing(tried, "no directory listing found: \(directory.text)")
        }
        return names.sorted()
    }

    /// A file by its path on the file server, such as `resources/deployments/…` without the first part, fetched into a file.
    @discardableResult
    public func downloadFile(
        _ path: String, to target: String, limit: Int
    ) async throws(ManagerError) -> Int {
        try await download(Self.file(try ResourcePath(path).text), to: target, limit: limit).length
    }

    func download(
        _ request: ManagerRequest, to target: String, limit: Int
    ) async throws(ManagerError) -> ManagerAnswer {
        let file = try PartialFile(for: target, request)
        let answer = try await send(request, to: .file(file, limit: limit))
        try file.finish(request)
        return answer
    }

    // MARK: - Where to look

    private enum ResourceFolder: CaseIterable {
        case deployment, blueprint, root
    }

    private func firstFound<Found: Sendable>(
        _ path: String, _ location: ResourceLocation,
        _ fetch: (ManagerRequest) async throws(ManagerError) -> Found
    ) async throws(ManagerError) -> Found {
        _ = try ResourcePath(path)
        let (name, location) = try await resolved(path, location)
        let resource = try ResourcePath(name)
        var tried: [String] = []
        for folder in ResourceFolder.allCases {
            guard let place = try await self.path(of: resource.text, in: folder, location) else { continue }
            tried.append(place)
            do throws(ManagerError) {
                return try await fetch(Self.file(place))
            } catch {
                guard Self.isElsewhere(error) else { throw error }
            }
        }
        throw Self.missing(tried, "Resource not found: \(resource.text)")
    }

    /// Finds the blueprint behind the namespace of a path.
    private func resolved(
        _ path: String, _ location: ResourceLocation
    ) async throws(ManagerError) -> (String, ResourceLocation) {
        guard let delimiter = Self.lastDelimiter(in: path), let blueprint = location.blueprint else {
            return (path, location)
        }
        let namespace = String(path[..<delimiter])
        let name = String(path[path.index(delimiter, offsetBy: 2)...])
        _ = try ResourcePath(name)
        let namespaces = try await self.blueprint(blueprint, include: ["plan"]).namespaces
        let imported = namespaces[namespace] ?? blueprint
        return (
            name,
            ResourceLocation(tenant: location.tenant, deployment: location.deployment, blueprint: imported)
        )
    }

    private static func lastDelimiter(in path: String) -> String.Index? {
        var index = path.endIndex
        while index > path.startIndex {
            index = path.index(before: index)
            if path[index...].hasPrefix("--") { return index }
        }
        return nil
    }

    private func path(
        of resource: String, in folder: ResourceFolder, _ location: ResourceLocation
    ) async throws(ManagerError) -> String? {
        switch folder {
        case .root: return resource
        case .deployment:
            guard let deployment = location.deployment else { return nil }
            return try joined("deployments", location.tenant, deployment, resource)
        case .blueprint:
            guard let blueprint = location.blueprint else { return nil }
            let record = try await self.blueprint(blueprint)
            let owner = record.visibility == "global" ? record.tenantName : nil
            return try joined("blueprints", owner ?? location.tenant, blueprint, resource)
        }
    }

    private func joined(
        _ folder: String, _ tenant: String, _ id: String, _ resource: String
    ) throws(ManagerError) -> String {
        for name in [tenant, id] where name.contains("/") { throw Self.missing([name], "'\(name)' is no name") }
        return [folder, try checked(tenant, as: "tenant name"), try checked(id, as: "id"), resource]
            .joined(separator: "/")
    }

    private static func file(_ path: String) -> ManagerRequest {
        ManagerRequest(method: .get, service: .files, path: "/resources/" + URLText.path(path))
    }

    /// Whether a refusal leaves the question to the next place.
    private static func isElsewhere(_ error: ManagerError) -> Bool {
        switch error.reason {
        case .notFound, .forbidden, .badRequest, .conflict, .refused: true
        default: false
        }
    }

    private static func missing(_ tried: [String], _ message: String) -> ManagerError {
        ManagerError(
            .notFound, status: 404, message: "404 (\(tried.joined(separator: ","))) : \(message)",
            request: "GET /resources")
    }
}
