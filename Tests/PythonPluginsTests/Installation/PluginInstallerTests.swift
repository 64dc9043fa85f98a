import AgentProtocol
import AgentTestSupport
import Foundation
import ManagerTestServer
import Operative
import PythonPlugins
import Testing

/// With real Python, pip and wagon, and a plugin made for this.
@Suite("Installing plugins", .timeLimit(.minutes(5)))
struct PluginInstallerTests {
    private static let directory = "plugins/t/tiny-plugin/1.2"
    private static let sourceDirectory = "source_plugins/t/d1/tiny/0.0.0"

    private func run(_ place: InstallationPlace, _ directory: String) async throws -> String {
        try await Command.run(
            "\(place.root.path)/\(directory)/bin/python",
            ["-c", "import tiny_plugin.tasks as t, cloudify; print(t.answer(), t.__file__)"])
    }

    @Test("A wagon that several agents want at once is installed by one of them, works, and is removed by one")
    func managed() async throws {
        let place = try await InstallationPlace()
        // Two agents: they know nothing of each other but the files.
        let agents = [place.installer(), place.installer()]
        let caller = try place.caller()
        try await withThrowingTaskGroup { group in
            for index in 0..<4 {
                group.addTask { try await agents[index % 2].install(place.managed, for: caller) }
            }
            try await group.waitForAll()
        }
        #expect(place.requests("GET", "/plugins/plugin-1/archive") == 1)
        #expect(place.states.filter { $0 == "installed" }.count == 4)
        #expect(place.root.text("\(Self.directory)/plugin.id") == "plugin-1")
        let output = try await run(place, Self.directory)
        #expect(output.hasPrefix("42 \(place.root.path)/\(Self.directory)/lib/"))
        #expect(
            place.log.lines.filter { $0.hasPrefix("Installing managed plugin: plugin-1 [package_name: tiny-plugin, ") }
                .count == 1)
        #expect(
            place.log.lines.filter { $0.hasPrefix("Using existing installation of managed plugin: plugin-1") }.count
                == 3)

        // Found without asking anybody, with the version of what it runs with.
        let requests = place.manager.requests.count
        var task = OperationTaskContext(["task_name": "tiny_plugin.tasks.answer", "task_id": "task-1"])
        task.deploymentID = "d1"
        let info = PluginInfo(name: "tiny", packageName: "tiny-plugin")
        let environment = try await place.plugins().environment(for: info, tenant: "t", deployment: "d1", task: task)
        #expect(environment.interpreter == "\(place.root.path)/\(Self.directory)/bin/python")
        #expect(environment.version == "1.2")
        #expect(
            try await place.versions.version(of: environment.interpreter, owner: "test") == CommonVersion("7.0.5"))
        #expect(place.manager.requests.count == requests)

        // What another plugin has taken is not taken away from it.
        place.manager.change { store in
            store.plugins["plugin-2"] = store.plugins.removeValue(forKey: "plugin-1")?.merging(["id": "plugin-2"]) {
                $1
            }
        }
        let error = await #expect(throws: PluginInstallationError.self) {
            try await agents[0].install(place.managed, for: caller)
        }
        #expect(
            error?.description
                == "Managed plugin installation found but its ID does not match the ID of the plugin currently on the manager. [existing: plugin-1, new: plugin-2]"
        )
        #expect(place.states.last == "error")
        #expect(place.manager.requests.last?.json?["error"]?.stringValue == error?.description)

        try await agents[1].uninstall(place.managed, for: caller)
        #expect(place.states.last == "uninstalled")
        #expect(place.root.names("plugins/t") == [])
        try await agents[1].uninstall(place.managed, for: caller)
        await place.close()
    }

    @Test(
        "A plugin that only the blueprint has is installed for its deployment when an operation needs it, once for many"
    )
    func source() async throws {
        let place = try await InstallationPlace()
        var task = OperationTaskContext(["task_name": "tiny_plugin.tasks.answer", "task_id": "task-1"])
        task.deploymentID = "d1"
        task.blueprintID = "bp"
        task.tenant = ["name": "t"]
        let asked = task
        let info = PluginInfo(name: "tiny", source: "tiny")
        // What was half installed when an agent was killed does not count.
        try FileManager.default.createDirectory(
            atPath: "\(place.root.path)/\(Self.sourceDirectory)/bin", withIntermediateDirectories: true)
        let plugins = place.plugins()
        let found = try await withThrowingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    try await plugins.environment(for: info, tenant: "t", deployment: "d1", task: asked)
                }
            }
            return try await group.reduce(into: Set<PluginEnvironment>()) { $0.insert($1) }
        }
        #expect(found.count == 1 && found.first?.directory == "\(place.root.path)/\(Self.sourceDirectory)")
        #expect(place.requests("GET", "/plugins/tiny.zip") == 2, "the deployment's folder, then the blueprint's")
        #expect(place.root.text("\(Self.sourceDirectory)/plugin.id") == "source-d1")
        #expect(try await run(place, Self.sourceDirectory).hasPrefix("42 "))
        #expect(place.states == [], "no manager's plugin, no state")

        try await place.installer().uninstall(
            PluginSpecification(info), for: try place.caller(deployment: "d1", blueprint: "bp"))
        #expect(place.root.names("source_plugins/t/d1") == [])
        await place.close()
    }

    @Test("An archive that cannot be installed leaves nothing behind and says why, to the operation and to the manager")
    func brokenArchive() async throws {
        let place = try await InstallationPlace()
        place.manager.change { $0.files["plugins/plugin-1"] = StoredFile("this is no wagon") }
        let error = await #expect(throws: NonRecoverableError.self) {
            try await place.installer().install(place.managed, for: try place.caller())
        }
        let text = error?.message ?? ""
        #expect(text.hasPrefix("Failed installing managed plugin: plugin-1 [tiny-plugin]["))
        #expect(text.contains("wagon.tar.gz"))
        #expect(place.states == ["installing", "error"])
        #expect(place.manager.requests.last?.json?["error"]?.stringValue == text)
        #expect(place.manager.requests.last?.json?["agent"] == "agent1")
        #expect(place.root.names(String(Self.directory.dropLast(4))) == ["1.2.lock"])

        place.manager.change { $0.files["blueprints/t/bp/plugins/tiny.zip"] = StoredFile("this is no archive") }
        var plugin = PluginSpecification(name: "tiny")
        plugin.source = "tiny"
        let other = await #expect(throws: PluginInstallationError.self) {
            try await place.installer().install(plugin, for: try place.caller(deployment: "d1", blueprint: "bp"))
        }
        #expect(other?.description.hasPrefix("plugins/tiny.zip cannot be unpacked. (") ?? false)
        #expect(!place.root.has(Self.sourceDirectory))
        await place.close()
    }

    @Test("An operation that is cancelled while its plugin is installed leaves the work to the next that waits for it")
    func cancelledForOthers() async throws {
        let place = try await InstallationPlace()
        place.manager.inject(.silence, method: "GET", path: "/archive")
        let plugins = place.plugins()
        let info = PluginInfo(name: "tiny", packageName: "tiny-plugin", packageVersion: "1.2")
        let task = OperationTaskContext(["task_name": "tiny_plugin.tasks.answer", "task_id": "task-1"])
        func ask() -> Task<PluginEnvironment, any Error> {
            Task { try await plugins.environment(for: info, tenant: "t", deployment: nil, task: task) }
        }
        let first = ask()
        await place.manager.received { place.requests("GET", "/archive") > 0 }
        let second = ask()
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        #expect(try await second.value.directory == "\(place.root.path)/\(Self.directory)")
        #expect(place.states == ["installing", "error", "installing", "installed"])
        await place.close()
    }

    @Test("A plugin that is installed stays so for the manager when its installation is ordered again and cancelled")
    func cancelledInstalled() async throws {
        let place = try await InstallationPlace()
        try await place.installer().install(place.managed, for: try place.caller())
        place.manager.inject(.silence, method: "PUT")
        let again = Task { try await place.installer().install(place.managed, for: try place.caller()) }
        await place.manager.received { place.states.count == 3 }
        again.cancel()
        await #expect(throws: CancellationError.self) { try await again.value }
        #expect(place.states == ["installing", "installed", "installing", "installed"])
        await place.close()
    }

    @Test("A plugin that nobody has is an error in the words of Python agents, whoever wants it")
    func missing() async throws {
        let place = try await InstallationPlace()
        let machine = MachinePlatform.current
        let text =
            "No source or managed plugin found for other [current platform=\(machine.system), arch=\(machine.architecture)]"
        let error = await #expect(throws: NonRecoverableError.self) {
            try await place.plugins().environment(
                for: PluginInfo(name: "other"), tenant: "t", deployment: "d1",
                task: OperationTaskContext(["task_name": "x.y"]))
        }
        #expect(error?.message == text)
        #expect(place.manager.requests.isEmpty, "without a package there is nothing to ask for")
        await place.close()
    }

    @Test(
        "Sources of other kinds are refused", arguments: ["ftp://host/x.zip", "git+https://host/x.git", "file:///etc"])
    func refusedSources(_ source: String) async throws {
        let place = try await InstallationPlace()
        var plugin = PluginSpecification(name: "tiny")
        plugin.source = source
        let scheme = source.prefix { $0 != ":" }
        let error = await #expect(throws: NonRecoverableError.self) {
            try await place.installer().install(plugin, for: try place.caller(deployment: "d1"))
        }
        #expect(error?.message == "Invalid schema: \(scheme)")
        await place.close()
    }
}
