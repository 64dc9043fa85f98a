internal import Operative

/// The operations of this program.
enum PluginCatalogue {
    static func registry() throws -> OperationRegistry {
        do throws(OperationRegistryError) {
            return try OperationRegistry(ProgramIdentity.current.plugins)
        } catch {
            throw CommandFailure(message: "\(error)", status: ExitStatus.software)
        }
    }
}
