internal import Operative

extension ManagerClient {
    /// The files of a deployment's workdir with their times, as text in ISO format: `GET /resources/deployments/<tenant>/<id>/`.
    ///
    /// Names that try to leave the directory are an error.
    public func workdirIndex(
        of deployment: String, tenant: String
    ) async throws(ManagerError) -> [String: String] {
        let request = try workdir(.get, tenant, deployment)
        let fields = try await fields(request)
        var index: [String: String] = [:]
        for name in fields.members.keys {
            index[try ResourcePath(name).text] = try fields.string(name)
        }
        return index
    }

    /// Fetches a deployment's workdir as an archive into a file.
    ///
    /// - Returns: The archive's size in bytes, and its type as the manager says, such as `application/gzip`.
    public func downloadWorkdirArchive(
        of deployment: String, tenant: String, to target: String, limit: Int
    ) async throws(ManagerError) -> (length: Int, contentType: String?) {
        var request = try workdir(.get, tenant, deployment)
        request.query = [("archive", flag(true))]
        let answer = try await download(request, to: target, limit: limit)
        return (answer.length, answer.contentType)
    }

    /// Fetches one file of a deployment's workdir.
    ///
    /// - Returns: How many bytes it has.
    @discardableResult
    public func downloadWorkdirFile(
        _ path: String, of deployment: String, tenant: String, to target: String, limit: Int
    ) async throws(ManagerError) -> Int {
        try await download(try workdir(.get, tenant, deployment, path), to: target, limit: limit).length
    }

    /// Stores one file in a deployment's workdir; it is read as it is sent.
    ///
    /// - Parameters:
    ///   - file: The file on this machine.
    ///   - path: Its name in the workdir.
    ///   - modified: Its time as text, such as `2026-11-21T00:11:50.123456+00:00`.
    public func uploadWorkdirFile(
        _ file: String, as path: String, modified: String, to deployment: String, tenant: String
    ) async throws(ManagerError) {
        var request = try workdir(.put, tenant, deployment, path)
        request.body = .upload(
            try FileUpload(
                path: file, name: try ResourcePath(path).text, modified: modified, request: request.summary))
        _ = try await send(request)
    }

    /// Removes one file from a deployment's workdir; one that is not there any more is fine.
    public func deleteWorkdirFile(
        _ path: String, of deployment: String, tenant: String
    ) async throws(ManagerError) {
        do throws(ManagerError) {
            _ = try await send(try workdir(.delete, tenant, deployment, path))
        } catch {
            guard error.reason == .notFound else { throw error }
        }
    }

    private func workdir(
        _ method: ManagerRequest.Method, _ tenant: String, _ deployment: String, _ path: String? = nil
    ) throws(ManagerError) -> ManagerRequest {
        let directory = [try checked(tenant, as: "tenant name"), try checked(deployment, as: "deployment id")]
            .map(URLText.segment).joined(separator: "/")
        let name = try path.map { path throws(ManagerError) in URLText.path(try ResourcePath(path).text) } ?? ""
        return ManagerRequest(
            method: method, service: .workdir, path: "/resources/deployments/\(directory)/\(name)")
    }
}
