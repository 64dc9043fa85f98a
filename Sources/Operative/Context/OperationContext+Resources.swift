// Files that come with the deployment or the blueprint, or that the manager has for everybody.
extension OperationContext {
    /// The content of a resource. That of the deployment comes before that of the blueprint, and both before that of everybody.
    ///
    /// For what is larger than memory should hold there is ``downloadResource(_:to:)``.
    ///
    /// - Parameter path: relative to the blueprint.
    /// - Throws: ``ResourceError`` when there is none, or it is too large; else the manager's error.
    public func getResource(_ path: String) async throws -> [UInt8] {
        try await scope.manager.resource(path)
    }

    /// The content of a resource that is a template, rendered. The template sees `variables` and `ctx`.
    ///
    /// - Parameters:
    ///   - path: relative to the blueprint.
    ///   - variables: names that the template uses; `ctx` cannot be among them.
    /// - Throws: ``ResourceError`` when there is none, it is too large, or it is not text; ``NonRecoverableError`` when it cannot be
    ///   rendered; else the manager's error.
    public func getResourceAndRender(
        _ path: String, variables: [String: PropertyValue] = [:]
    ) async throws -> String {
        let all = try templateVariables(variables)
        return try await render(try await getResource(path), of: path, all)
    }

    /// Downloads a resource, as a whole or not at all.
    ///
    /// - Parameters:
    ///   - path: relative to the blueprint.
    ///   - target: the file to make or replace; `nil` makes one of the resource's name in a new directory for temporary files, to be
    ///     deleted by the operation.
    /// - Returns: the path of the file.
    /// - Throws: ``ResourceError`` when there is none, or it is too large; else the error of the manager or the file system.
    @discardableResult
    public func downloadResource(_ path: String, to target: String? = nil) async throws -> String {
        let file = try await scope.manager.downloadResource(path, to: target)
        logger.info("Downloaded \(path) to \(file)")
        return file
    }

    /// Downloads a resource that is a template, rendered. The template sees `variables` and `ctx`.
    ///
    /// - Parameters:
    ///   - path: relative to the blueprint.
    ///   - target: as for ``downloadResource(_:to:)``.
    ///   - variables: names that the template uses; `ctx` cannot be among them.
    /// - Returns: the path of the file.
    /// - Throws: as ``getResourceAndRender(_:variables:)`` and ``downloadResource(_:to:)``.
    @discardableResult
    public func downloadResourceAndRender(
        _ path: String, to target: String? = nil, variables: [String: PropertyValue] = [:]
    ) async throws -> String {
        let text = try await getResourceAndRender(path, variables: variables)
        let file = try await scope.manager.saveResource(Array(text.utf8), of: path, to: target)
        logger.info("Downloaded \(path) to \(file)")
        return file
    }

    /// Downloads all files of a directory of the deployment and the blueprint.
    ///
    /// - Parameter path: relative to the blueprint.
    /// - Returns: the path of a new directory for temporary files, to be deleted by the operation.
    /// - Throws: as ``downloadResource(_:to:)``.
    public func downloadDirectory(_ path: String) async throws -> String {
        try await scope.manager.downloadDirectory(path)
    }

    private func templateVariables(_ own: [String: PropertyValue]) throws -> [String: TemplateValue] {
        guard own["ctx"] == nil else {
            throw NonRecoverableError("Key not allowed - a key named ctx is in template_variables")
        }
        var all = own.mapValues { TemplateValue.value($0) }
        all["ctx"] = templateValue
        return all
    }

    private func render(_ bytes: [UInt8], of path: String, _ variables: [String: TemplateValue]) async throws -> String
    {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ResourceError(
                .notText, path: path, message: "The resource '\(path)' cannot be rendered: it is not UTF-8.")
        }
        guard TemplateMarkers.occur(in: bytes) else { return text }
        return try await scope.backend.render(text, variables: variables)
    }
}
