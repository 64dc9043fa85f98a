/// An access without a manager: whatever its adopter does not answer itself is refused with the reason.
package protocol ManagerlessAccess: ManagerAccess {
    /// What to add to the reason, for instance how to provide an answer; empty for nothing.
    var remedy: String { get }
}

extension ManagerlessAccess {
    package var remedy: String { "" }

    package func refusal(_ what: String) -> NonRecoverableError {
        NonRecoverableError(
            "\(what) needs a manager, and this operation has none.\(remedy.isEmpty ? "" : " ")\(remedy)")
    }

    package func execution(_ id: String) async throws -> ExecutionRecord { throw refusal("The record of an execution") }
    package func operation(_ id: String) async throws -> OperationRecord? {
        throw refusal("The record of an operation")
    }
    package func updateOperation(_ id: String, state: OperationState) async throws {
        throw refusal("Changing the record of an operation")
    }
    package func configuration(name: String?, scope: String?) async throws -> [ConfigurationEntry] {
        throw refusal("The manager's configuration")
    }
    package func managers() async throws -> [ManagerRecord] { throw refusal("The list of managers") }
    package func brokers() async throws -> [BrokerRecord] { throw refusal("The list of brokers") }
    package func tenant() async throws -> TenantRecord { throw refusal("The description of the tenant") }
    package func providerContext() async throws -> [String: PropertyValue] { throw refusal("The provider context") }
    package func bootstrapContext() async throws -> BootstrapContext { throw refusal("The bootstrap context") }
    package func resource(_ path: String) async throws -> [UInt8] { throw refusal("The resource '\(path)'") }
    package func downloadResource(_ path: String, to target: String?) async throws -> String {
        throw refusal("The resource '\(path)'")
    }
    package func saveResource(_ content: [UInt8], of path: String, to target: String?) async throws -> String {
        throw refusal("The resource '\(path)'")
    }
    package func downloadDirectory(_ path: String) async throws -> String { throw refusal("The directory '\(path)'") }
    package func pluginWorkdir() async throws -> String? { throw refusal("A directory of the plugin's own") }
    package func pluginPrefix() async throws -> String? { nil }
    package func deploymentWorkdir() async throws -> String? {
        throw refusal("The working directory of the deployment")
    }
    package func downloadDeploymentWorkdir() async throws { throw refusal("The working directory of the deployment") }
    package func uploadDeploymentWorkdir() async throws { throw refusal("The working directory of the deployment") }
    package func uploadDeploymentFile(_ path: String, from file: String, modified: Duration?) async throws {
        throw refusal("Uploading the deployment's file '\(path)'")
    }
    package func deleteDeploymentFile(_ path: String) async throws {
        throw refusal("Deleting the deployment's file '\(path)'")
    }
}
