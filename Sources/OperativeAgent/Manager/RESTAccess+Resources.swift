internal import AgentProtocol
internal import ManagerClient
internal import Operative

extension RESTAccess {
    /// How many bytes a file may have that an operation downloads.
    private static var fileLimit: Int { 16 << 30 }

    private var location: ResourceLocation {
        ResourceLocation(tenant: task.tenantName ?? "", deployment: task.deploymentID, blueprint: task.blueprintID)
    }

    func resource(_ path: String) async throws -> [UInt8] {
        try await resourceCall(path) { try await $0.resource(path, of: location) }
    }

    func downloadResource(_ path: String, to target: String?) async throws -> String {
        guard let target else {
            return try await inNewDirectory {
                try await downloadResource(path, to: "\($0)/\(try Self.fileName(of: path))")
            }
        }
        try await resourceCall(path) { client in
            _ = try await client.downloadResource(path, of: location, to: target, limit: Self.fileLimit)
        }
        return target
    }

    func saveResource(_ content: [UInt8], of path: String, to target: String?) async throws -> String {
        guard let target else {
            return try await inNewDirectory {
                try await saveResource(content, of: path, to: "\($0)/\(try Self.fileName(of: path))")
            }
        }
        try LocalFiles.write(content, to: target)
        return target
    }

    func downloadDirectory(_ path: String) async throws -> String {
        let names = try await resourceCall(path) { try await $0.resourceDirectory(path, of: location) }
        let prefix = path.hasSuffix("/") ? path : path + "/"
        return try await inNewDirectory { directory in
            for name in names {
                try LocalFiles.makeParents(of: name, in: directory)
                _ = try await downloadResource(prefix + name, to: "\(directory)/\(name)")
            }
            return directory
        }
    }

    /// Runs `body` with a directory of its own, of which nothing is left when that fails.
    private func inNewDirectory(_ body: (String) async throws -> String) async throws -> String {
        let directory = try LocalFiles.makeTemporaryDirectory(in: directories.temporary)
        do {
            return try await body(directory)
        } catch {
            LocalFiles.removeTree(directory)
            throw error
        }
    }

    private static func fileName(of path: String) throws -> Substring {
        guard let name = path.split(separator: "/").last, name != "..", name != "." else {
            throw ResourceError(.invalidPath, path: path, message: "'\(path)' is no name of a resource")
        }
        return name
    }

    private func resourceCall<Answer: Sendable>(
        _ path: String, _ body: (ManagerClient) async throws -> Answer
    ) async throws -> Answer {
        do {
            return try await line.call(body)
        } catch let failure as ManagerFailure {
            let code: ResourceError.Code
            switch failure.error.reason {
            case .notFound: code = .notFound
            case .responseTooLarge: code = .tooLarge
            case .serverError, .unreachable, .timedOut, .invalidResponse: code = .unavailable
            default: throw failure
            }
            throw ResourceError(code, path: path, message: failure.error.message)
        } catch let error as NonRecoverableError {
            throw ResourceError(.invalidPath, path: path, message: "\(error)")
        }
    }
}
