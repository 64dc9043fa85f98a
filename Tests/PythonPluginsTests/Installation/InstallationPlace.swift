import AgentProtocol
import Foundation
import Logging
import ManagerClient
import ManagerTestServer
import OperationProcesses
import Operative
import PythonPlugins

/// An agent's part that installs plugins, with a manager and directories of its own.
final class InstallationPlace: Sendable {
    let manager: TestManager
    let root: TemporaryDirectory
    let workshop: PluginWorkshop
    let log = PluginLog()
    private let pool = ManagerPool()

    init(root: TemporaryDirectory? = nil) async throws {
        workshop = try await PluginWorkshop.ready()
        manager = try await TestManager()
        self.root = try root ?? TemporaryDirectory()
        manager.change { [workshop] store in
            store.plugins["plugin-1"] = [
                "id": "plugin-1", "package_name": .string(PluginWorkshop.package),
                "package_version": .string(PluginWorkshop.version), "supported_platform": "any",
                "supported_py_versions": ["py311"],
            ]
            store.files["plugins/plugin-1"] = StoredFile(.bytes(workshop.wagon))
            store.files["blueprints/t/bp/plugins/tiny.zip"] = StoredFile(.bytes(workshop.source))
            store.blueprints["bp"] = ["id": "bp", "visibility": "tenant", "tenant_name": "t"]
        }
    }

    func close() async {
        await pool.shutdown()
        await manager.goDown()
    }

    private var environment: [String: String] {
        ProcessInfo.processInfo.environment.merging(["CFY_PLUGINS_ROOT": root.path]) { $1 }
    }

    private var commands: CommandRunner {
        CommandRunner(runner: ProcessRunner(ledger: InMemoryProcessLedger(), launcher: nil), environment: environment)
    }

    var versions: CommonVersionFinder { CommonVersionFinder(commands: commands) }

    /// Another agent with the same directories.
    func installer(othersLimit: Duration = .seconds(300)) -> PluginInstaller {
        let commands = commands
        var settings = InstallationSettings(interpreter: workshop.python, environment: environment)
        settings.temporaryDirectory = FileManager.default.temporaryDirectory.path
        return PluginInstaller(
            settings: settings, commands: commands, interpreters: PythonInterpreters(commands: commands),
            othersLimit: othersLimit)
    }

    func plugins() -> InstalledPlugins {
        InstalledPlugins(
            installer: installer(), manager: { [self] in try restManager(for: scope($0)) }, logger: log.logger)
    }

    func client(_ facts: ManagerFacts) throws -> ManagerClient {
        pool.client(
            for: try ManagerAddress(scheme: .http, hosts: ["127.0.0.1"], port: manager.port),
            credentials: ManagerCredentials(facts), sender: ManagerSender(agentName: "agent1"))
    }

    func caller(deployment: String? = nil, blueprint: String? = nil) throws -> InstallationCaller {
        let scope = InstallationScope(tenant: "t", deployment: deployment, blueprint: blueprint)
        return InstallationCaller(
            scope: scope, manager: try restManager(for: scope), owner: "test", logger: log.logger)
    }

    /// A plugin of the manager.
    var managed: PluginSpecification {
        PluginSpecification([
            "name": "tiny", "package_name": .string(PluginWorkshop.package),
            "package_version": .string(PluginWorkshop.version),
        ])
    }

    /// What the manager was told, in order.
    var states: [String] {
        manager.requests.filter { $0.method == "PUT" }.compactMap { $0.json?["state"]?.stringValue }
    }

    /// How often something was asked for.
    func requests(_ method: String, _ suffix: String) -> Int {
        manager.requests.count { $0.method == method && $0.path.hasSuffix(suffix) }
    }

    private func restManager(for scope: InstallationScope) throws -> RESTPluginManager {
        RESTPluginManager(
            try client(ManagerFacts(executionToken: "token", tenant: scope.tenant)), scope: scope)
    }

    private func scope(_ task: OperationTaskContext) -> InstallationScope {
        InstallationScope(tenant: task.tenantName, deployment: task.deploymentID, blueprint: task.blueprintID)
    }
}
