import AgentProtocol
import AgentRuntime
import Foundation
import Logging
import ManagerClient
import ManagerTestServer
import Operative
import PythonPlugins

@testable import OperativeAgent

/// An agent over ports in memory whose tasks have a manager.
struct ManagedAgent {
    let server: TestManager
    let ports = ManagedPorts()
    let services = ManagedPorts()
    let journal: any TaskJournal
    let runtime: AgentRuntime
    let connections: ManagerConnections
    private let stopped = Signal()
    let directory: String
    /// Where files are put that operations ask for.
    let temporary: String
    /// Where operations run that are none of the native ones; nil when there is no Python.
    let python: PythonPlace?

    /// Runs an agent around `body`.
    static func run(
        _ operations: [Operative.Operation], concurrency: Int = 4, synchronizes: Bool = false,
        journal: any TaskJournal = InMemoryJournal(isFresh: false),
        sender: ManagerSender = ManagerSender(agentName: "host_agent1"), directory given: String? = nil,
        python: String? = nil, isWarm: Bool = false, installsPlugins: Bool = false,
        grace: Duration = .seconds(1), telemetry: (any TelemetrySink)? = nil,
        configure: (inout RuntimeConfiguration) -> Void = { _ in },
        _ body: (ManagedAgent) async throws -> Void
    ) async throws {
        let directory = given ?? NSTemporaryDirectory() + "managed-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let server = try await TestManager()
        let agent = try ManagedAgent(
            operations, server, directory, journal, telemetry, sender, synchronizes: synchronizes,
            concurrency: concurrency, python: python, isWarm: isWarm, installsPlugins: installsPlugins, grace: grace,
            configure)
        let serving = Task {
            await agent.runtime.run()
            agent.stopped.set()
        }
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(agent))
        } catch {
            result = .failure(error)
        }
        agent.runtime.requestStop()
        await serving.value
        await agent.python?.close()
        await agent.connections.shutdown()
        await server.goDown()
        try result.get()
    }

    private init(
        _ operations: [Operative.Operation], _ server: TestManager, _ directory: String, _ journal: any TaskJournal,
        _ telemetry: (any TelemetrySink)?, _ sender: ManagerSender, synchronizes: Bool, concurrency: Int,
        python: String?, isWarm: Bool, installsPlugins: Bool, grace: Duration,
        _ configure: (inout RuntimeConfiguration) -> Void
    ) throws {
        self.server = server
        self.directory = directory
        self.journal = journal
        var environment = ["REST_PROTOCOL": "http", "REST_PORT": "\(server.port)", "AGENT_WORK_DIR": directory]
        temporary = directory + "/temporary"
        try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
        environment["CFY_EXEC_TEMP"] = temporary
        let certificate = directory + "/ca.pem"
        try "none".write(toFile: certificate, atomically: false, encoding: .utf8)
        environment["LOCAL_REST_CERT_FILE"] = certificate
        if synchronizes { environment["CFY_RESOURCES_ROOT"] = directory + "/resources" }
        var pool = ManagerPoolConfiguration()
        pool.retry.firstPause = .milliseconds(100)
        pool.retry.longestPause = .milliseconds(500)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        connections = ManagerConnections(
            environment: environment, sender: sender, configuration: pool,
            logger: logger)
        var configuration = RuntimeConfiguration(
            agentName: "host_agent1", concurrency: concurrency, retry: RetryPolicy(mode: .reply))
        configuration.taskEvents = .manager
        configure(&configuration)
        var registry = try OperationRegistry([TestPlugin(operations: operations)])
        if let python {
            let connections = connections
            var manager: (@Sendable (OperationTaskContext) throws -> any PluginManager)?
            if installsPlugins {
                manager = { task in
                    RESTPluginManager(
                        try connections.client(for: ManagerFacts(task)),
                        scope: InstallationScope(tenant: task.tenantName, deployment: task.deploymentID))
                }
            }
            var more = ["CFY_PLUGINS_ROOT": directory]
            more["CFY_RESOURCES_ROOT"] = environment["CFY_RESOURCES_ROOT"]
            let place = PythonPlace(
                interpreter: python, directory: directory, certificate: certificate, isWarm: isWarm, grace: grace,
                more: more,
                manager: manager)
            registry = registry.withFallback { place.operations.operation(for: $0) }
            self.python = place
        } else {
            self.python = nil
        }
        runtime = AgentRuntime(
            configuration: configuration, registry: registry,
            ports: RuntimePorts(
                operations: ports, services: services, sink: ports, telemetry: telemetry ?? ports, journal: journal,
                cancellations: InMemoryCancellationRecord(),
                manager: RESTManager(connections: connections, environment: environment, local: NoManager()),
                archive: ports, logger: logger))
    }

    /// The local copy of the directory of `dep1`.
    var workdir: String { directory + "/resources/deployments/default_tenant/dep1" }

    func send(_ body: [UInt8], redelivered: Bool = false) -> Delivery {
        let delivery = Delivery()
        ports.offer(
            IncomingMessage(
                body: .complete(body), replyTo: "replies", correlationID: "c", redelivered: redelivered,
                receipt: delivery))
        return delivery
    }

    func cancel(_ execution: String) async {
        let delivery = Delivery()
        let body: PropertyValue = [
            "service_task": ["task_name": "cancel-operation", "kwargs": ["execution_id": .string(execution)]]
        ]
        services.offer(IncomingMessage(body: .complete(body.json), receipt: delivery))
        _ = await delivery.settled()
    }

    /// Waits until the agent has come to its end.
    func untilStopped() async {
        await withCheckedContinuation { continuation in stopped.onSet { continuation.resume() } }
    }

    /// The answers so far.
    var answers: [PropertyValue] { ports.replies.compactMap { try? PropertyValue(json: $0.body) } }

    /// The requests so far, such as `GET executions/e`.
    var requests: [String] {
        server.requests.map { request in
            let state = request.json?["state"]?.stringValue.map { " \($0)" } ?? ""
            return "\(request.method) \(request.segments.dropFirst(2).joined(separator: "/"))\(state)"
        }
    }
}

private struct TestPlugin: Plugin {
    static let name = "test"
    static let version = "1"
    let operations: [Operative.Operation]
}

private struct NoManager: Manager, ManagerlessAccess {
    func access(for task: OperationTaskContext) -> any ManagerAccess { self }
    func node(_ id: String, instance: String?) async throws -> Operative.NodeRecord { throw refusal("The node \(id)") }
    func nodeInstance(_ id: String) async throws -> Operative.NodeInstanceRecord { throw refusal("\(id)") }
    func storeRuntimeProperties(
        _ properties: [String: PropertyValue], of record: Operative.NodeInstanceRecord
    ) async throws -> Operative.NodeInstanceRecord { throw refusal("\(record.id)") }
}
