import AgentExecutors
import AgentProtocol
import Foundation
import Logging
import OperationProcesses
import PythonPlugins

/// What an agent of the tests needs to run operations in Python.
struct PythonPlace: Sendable {
    let operations: PythonOperations
    /// The processes that run for operations.
    let ledger = InMemoryProcessLedger()
    /// Where tasks get their directories.
    let temporary: String
    /// Where the output of operations goes.
    let logs: String
    /// What runs for all operations, and what of it runs in a Python of its own.
    let dispatched: ObservedDispatcher
    let cold: ObservedDispatcher
    private let warm: WarmDispatcher?

    /// - Parameters:
    ///   - grace: what a process has between SIGTERM and SIGKILL.
    ///   - more: variables of the agent that not every one has.
    ///   - manager: a task's manager, which has the plugins; nil for an agent whose own Python has them all.
    init(
        interpreter: String, directory: String, certificate: String, isWarm: Bool = false, grace: Duration,
        more: [String: String] = [:],
        manager: (@Sendable (OperationTaskContext) throws -> any PluginManager)? = nil
    ) {
        let modules = (Bundle.module.resourceURL?.path ?? "") + "/Fixtures/python"
        var environment = [
            "PATH": "/usr/bin:/bin", "HOME": directory, "AGENT_NAME": "host_agent1", "AGENT_WORK_DIR": directory,
            "LOCAL_REST_CERT_FILE": certificate, "REST_PROTOCOL": "http", "PYTHONPATH": modules,
            "PYTHONDONTWRITEBYTECODE": "1", "OPERATIVE_BROKER_PASSWORD": "secret",
        ]
        environment.merge(more) { $1 }
        let variables = environment
        let temporary = directory + "/temporary"
        let logs = directory + "/logs"
        for path in [temporary, logs] {
            try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        self.temporary = temporary
        self.logs = logs
        var settings = PythonSettings(temporaryDirectory: temporary) {
            OperationEnvironment(of: variables).inherited
        }
        settings.logFile = { "\(logs)/\($0 ?? "__system__").log" }
        settings.terminationGrace = grace + .seconds(7)
        let runner = ProcessRunner(ledger: ledger, launcher: nil, grace: grace)
        cold = ObservedDispatcher(ColdDispatcher(runner: runner))
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        warm =
            isWarm
            ? WarmDispatcher(
                cold: cold, ledger: ledger, grace: grace,
                logger: logger) : nil
        dispatched = ObservedDispatcher(warm ?? cold)
        let commands = CommandRunner(runner: runner, environment: variables)
        var environments: any PluginEnvironments = OwnInterpreter(interpreter: interpreter)
        if let manager {
            let installer = PluginInstaller(
                settings: InstallationSettings(interpreter: interpreter, environment: variables), commands: commands,
                interpreters: PythonInterpreters(commands: commands))
            environments = InstalledPlugins(installer: installer, manager: manager, logger: logger)
        }
        operations = PythonOperations(
            environments: environments, dispatcher: dispatched, versions: CommonVersionFinder(commands: commands),
            settings: settings, timers: TimerThread())
    }

    /// Ends the processes that wait for operations.
    func close() async { await warm?.close() }
}
