import AgentTestSupport
import Foundation
import Glibc
import ManagerTestServer
import Operative
import Testing

/// A plugin of the shape that tutorials teach, from the manager's wagon and from the blueprint's source, by the agent's program.
@Suite("A Cloudify agent and plugins", .rabbitMQ, .timeLimit(.minutes(5)))
struct WorkerPluginTests {
    private let broker = RabbitMQ.current
    private static let wagon: PropertyValue = [
        "name": "tutorial", "package_name": "tutorial-plugin", "package_version": "1.0",
    ]
    private static let source: PropertyValue = [
        "name": "tutorial", "package_name": nil, "package_version": nil, "source": "tutorial-plugin",
    ]
    private static let node: [String: PropertyValue] = ["node_id": "web_1", "node_name": "web"]

    @Test(
        "A wagon is installed when the manager orders it; its functions run unmodified; what they leave running goes on; a plugin that is gone is installed again",
        arguments: ["cold", "warm"])
    func wagon(_ dispatcher: String) async throws {
        let stage = try await stage()
        try await ServiceCaller.with(broker) { caller in
            let end = try await stage.runWorker(dispatcher) { agent in
                #expect(try await order("install-plugin", stage, caller) == nil)
                #expect(states(stage) == ["installing", "installed"])

                let started = try await run("start", id: "1", Self.wagon, stage, caller)
                let directory = stage.place.directory.path + "/plugins/default_tenant/tutorial-plugin/1.0"
                #expect(
                    started == [
                        "ok": true,
                        "result": [
                            "greeting": "Hello!", "python": .string(directory), "plugin": "tutorial",
                            "forked": .bool(dispatcher == "warm"),
                        ],
                    ], "\(started)")
                let properties = stage.manager.store.instances["web_1"]?["runtime_properties"]
                let port = try #require(properties?["port"]?.intValue)
                let server = try #require((properties?["pid"]?.intValue).map { Int32($0) })
                #expect(
                    stage.logs(of: "1").map { "\($0)" } == [
                        #"(level: "info", text: "The web server is started on port \#(port)")"#
                    ])
                let events = stage.manager.store.events.filter { $0["event_type"] == "plugin_event" }
                #expect(events.map { $0.value(at: "message.text") } == ["started"])
                let log = stage.place.directory.path + "/log/logs/dep1.log"
                #expect(try String(contentsOfFile: log, encoding: .utf8).contains("raw output of the operation\n"))
                #expect(PythonStage.isRunning(server), "what an operation leaves running on purpose goes on")

                #expect(try await order("uninstall-plugin", stage, caller) == nil)
                #expect(!FileManager.default.fileExists(atPath: directory))
                let stopped = try await run("stop", id: "2", Self.wagon, stage, caller)
                #expect(stopped == ["ok": true, "result": ["forked": .bool(dispatcher == "warm")]], "\(stopped)")
                #expect(states(stage) == ["installing", "installed", "uninstalled", "installing", "installed"])
                #expect(!PythonStage.isRunning(server))

                let again = try await run("stop", id: "3", Self.wagon, stage, caller)["error"] ?? nil
                #expect(again["known_exception_type"] == "OperationRetry")
                #expect(again["message"] == "Nothing is started yet [retry_after=1]")
            }
            #expect(end.exitCode == 0, "\(end.log)")
            #expect(!end.log.contains("start a Python process each"), "\(end.log)")
        }
        #expect(try stage.leftovers() == [])
        await stage.close()
    }

    @Test(
        "A plugin that only the blueprint has is installed for its deployment by the first operation; an agent that takes over finds it"
    )
    func source() async throws {
        let stage = try await stage()
        try await ServiceCaller.with(broker) { caller in
            _ = try await stage.runWorker("cold") { _ in
                let inputs: [String: PropertyValue] = ["plugins": [Self.source]]
                let installed = try await stage.run(
                    "cloudify_agent.operations.install_plugins", inputs, id: "1", Self.node, by: caller)
                #expect(installed == ["ok": true, "result": nil], "\(installed)")
                #expect(stage.logs(of: "1").map(\.text).contains("Installing plugin: tutorial"))
            }
            let requests = stage.manager.requests.filter { $0.path.hasSuffix("/tutorial-plugin.zip") }.count
            _ = try await stage.runWorker("warm") { _ in
                let started = try await run("start", id: "2", Self.source, stage, caller)
                let directory = stage.place.directory.path + "/source_plugins/default_tenant/dep1/tutorial/0.0.0"
                #expect(started.value(at: "result.python") == .string(directory), "\(started)")
                #expect(started.value(at: "result.forked") == true)
                let stopped = try await run("stop", id: "3", Self.source, stage, caller)
                #expect(stopped["ok"] == true, "\(stopped)")
            }
            #expect(requests > 0)
            #expect(stage.manager.requests.filter { $0.path.hasSuffix("/tutorial-plugin.zip") }.count == requests)
        }
        #expect(states(stage) == [])
        #expect(try stage.leftovers() == [])
        await stage.close()
    }

    @Test(
        "An agent that is killed while it installs leaves neither a lock nor half a plugin: the next one takes the order up and ends it"
    )
    func killedInstallation() async throws {
        let stage = try await stage()
        stage.manager.inject(.silence, method: "GET", path: "/archive")
        try await ServiceCaller.with(broker) { caller in
            let first = try await stage.runWorker("cold") { agent in
                let answer = Task { try await order("install-plugin", stage, caller) }
                // The environment is made before the archive is asked for.
                await stage.manager.received { stage.manager.requests.contains { $0.path.hasSuffix("/archive") } }
                kill(agent.processID, SIGKILL)
                await agent.log.untilEnd()
                #expect(states(stage) == ["installing"])
                _ = try await stage.runWorker("cold") { _ in
                    let reply = try await answer.value
                    #expect(reply == nil)
                    let started = try await run("start", id: "1", Self.wagon, stage, caller)
                    #expect(started["ok"] == true, "\(started)")
                    #expect(try await run("stop", id: "2", Self.wagon, stage, caller)["ok"] == true)
                }
            }
            #expect(first.exitCode == nil)
        }
        #expect(states(stage) == ["installing", "installing", "installed"])
        #expect(try stage.leftovers() == [])
        await stage.close()
    }

    @Test(
        "An agent that is stopped while it installs tells the manager, ends in time, and leaves the order to the next")
    func stoppedInstallation() async throws {
        let stage = try await stage()
        stage.manager.inject(.silence, method: "GET", path: "/archive")
        try await ServiceCaller.with(broker) { caller in
            let first = try await stage.runWorker("cold") { agent in
                let answer = Task { try await order("install-plugin", stage, caller) }
                await stage.manager.received { stage.manager.requests.contains { $0.path.hasSuffix("/archive") } }
                agent.terminate()
                await agent.log.untilEnd()
                #expect(states(stage) == ["installing", "error"])
                _ = try await stage.runWorker("cold") { _ in
                    let reply = try await answer.value
                    #expect(reply == nil)
                }
            }
            #expect(first.exitCode == 0, "\(first.log)")
        }
        #expect(states(stage) == ["installing", "error", "installing", "installed"])
        await stage.close()
    }

    private func stage() async throws -> PythonStage {
        let stage = try await PythonStage(broker)
        let archives = try await TutorialPlugin.archives()
        stage.manager.change { store in
            store.plugins["plugin-1"] = [
                "id": "plugin-1", "package_name": "tutorial-plugin", "package_version": "1.0",
                "supported_platform": "any", "supported_py_versions": ["py311"],
            ]
            store.files["plugins/plugin-1"] = StoredFile(.bytes(archives.wagon))
            store.files["blueprints/default_tenant/bp1/plugins/tutorial-plugin.zip"] = StoredFile(
                .bytes(archives.source))
            store.addNode("web", properties: ["greeting": "Hello"])
            store.addInstance("web_1", node: "web")
        }
        return stage
    }

    private func run(
        _ function: String, id: String, _ plugin: PropertyValue, _ stage: PythonStage, _ caller: ServiceCaller
    ) async throws -> PropertyValue {
        let context = Self.node.merging(["plugin": plugin]) { $1 }
        return try await stage.run("tutorial_plugin.tasks.\(function)", id: id, context, by: caller)
    }

    /// Sends a service task about the plugin.
    ///
    /// - Returns: the reply: null when all is well.
    private func order(_ task: String, _ stage: PythonStage, _ caller: ServiceCaller) async throws -> PropertyValue {
        try await caller.call(
            task,
            [
                "plugin": Self.wagon, "rest_token": "token", "tenant": ["name": "default_tenant"],
                "rest_host": ["127.0.0.1"], "rest_port": .integer(stage.manager.port),
            ]) ?? "no reply"
    }

    /// What the manager was told of the plugin, in order.
    private func states(_ stage: PythonStage) -> [String] {
        stage.manager.requests.filter { $0.method == "PUT" && $0.path.contains("/plugins/") }
            .compactMap { $0.json?["state"]?.stringValue }
    }
}

/// Made once for all tests.
private enum TutorialPlugin {
    private static let made = Task {
        let project = try #require(Bundle.module.resourceURL).appending(path: "Fixtures/tutorial-plugin").path
        return try await PluginArchives(project: project, python: try await TestPython.interpreter())
    }

    static func archives() async throws -> PluginArchives { try await made.value }
}
