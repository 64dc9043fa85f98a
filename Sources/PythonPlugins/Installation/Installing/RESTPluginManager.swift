package import ManagerClient
internal import Operative

/// A manager over REST, as an installation sees it.
package struct RESTPluginManager: PluginManager {
    private let client: ManagerClient
    private let location: ResourceLocation
    private let archiveLimit: Int

    /// - Parameters:
    ///   - scope: whose files may be needed.
    ///   - archiveLimit: how many bytes a plugin's archive may have.
    package init(_ client: ManagerClient, scope: InstallationScope, archiveLimit: Int = 4 << 30) {
        self.client = client
        location = ResourceLocation(
            tenant: scope.tenant ?? "", deployment: scope.deployment, blueprint: scope.blueprint)
        self.archiveLimit = archiveLimit
    }

    package func plugins(packageName: String, packageVersion: String?) async throws -> [PluginCandidate] {
        try await call { try await $0.plugins(packageName: packageName, packageVersion: packageVersion) }
            .map { PluginCandidate(id: $0.id, packageName: packageName, fields: $0.fields) }
    }

    package func downloadArchive(of id: String, to path: String) async throws {
        _ = try await call { try await $0.downloadPluginArchive(id, to: path, limit: archiveLimit) }
    }

    package func setState(_ state: PluginState, of id: String, error: String?) async throws -> Bool {
        do throws(ManagerError) {
            try await client.setPluginState(state.rawValue, of: id, error: error)
            return true
        } catch {
            guard error.reason == .notFound else { throw Self.failure(error) }
            return false
        }
    }

    package func downloadResource(_ path: String, to target: String) async throws {
        _ = try await call {
            try await $0.downloadResource(path, of: location, to: target, limit: archiveLimit)
        }
    }

    private func call<Answer: Sendable>(_ body: (ManagerClient) async throws -> Answer) async throws -> Answer {
        do {
            return try await body(client)
        } catch {
            throw Self.failure(error)
        }
    }

    private static func failure(_ error: any Error) -> any Error {
        guard let error = error as? ManagerError else { return error }
        switch error.reason {
        case .cancelled: return CancellationError()
        case .invalidRequest, .untrusted: return NonRecoverableError("\(error)")
        default: return RecoverableError("\(error)")
        }
    }
}
