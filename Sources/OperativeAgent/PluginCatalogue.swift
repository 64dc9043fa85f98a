internal import Operative

/// The operations of this program.
enum PluginCatalogue {
    /// - Parameter builtIn: plugins that every agent started this way has.
    static func registry(_ builtIn: [any Plugin] = []) throws -> OperationRegistry {
        do throws(OperationRegistryError) {
            return try OperationRegistry(builtIn + ProgramIdentity.current.plugins)
        } catch {
            throw CommandFailure(message: "\(error)", status: ExitStatus.software)
        }
    }
}
