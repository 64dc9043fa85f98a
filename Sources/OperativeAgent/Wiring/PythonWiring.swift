internal import AgentConfiguration
internal import AgentExecutors
internal import AgentProtocol
internal import AgentRuntime
internal import Logging
internal import ManagerClient
internal import OperationProcesses
internal import Operative
internal import PythonPlugins

/// Puts together what runs operations in Python.
struct PythonWiring: Sendable {
    /// What came of it.
    struct Parts {
        /// The operations that no native plugin has.
        let operations: PythonOperations
        /// What a manager may have done to plugins; nil when this agent has no manager.
        let plugins: PluginService?
        /// The agent's own operations for plugins, by their names.
        let agentOperations: [String: Operative.Operation]
        /// The processes that wait for operations; nil when each operation has one of its own.
        let warm: WarmDispatcher?

        /// The operation for a task that no registered one is for.
        func operation(for task: TaskDescription) -> Operative.Operation {
            agentOperations[task.taskName] ?? operations.operation(for: task)
        }
    }

    let configuration: AgentConfiguration
    /// Where the temporary directories of operations and installations are noted.
    let temporaryDirectories: TemporaryDirectories
    let ledger: any ProcessLedger
    let trust: ManagerTrust
    let managers: ManagerConnections
    /// The agent's own.
    let environment: [String: String]
    let log: DeploymentOperationLog?
    let timers: TimerThread
    let logger: Logger

    /// The Python of this agent; nil when it runs no operations in Python.
    var interpreter: String? {
        let setting = configuration.operations.python.interpreter
        guard setting != nil || configuration.daemon != nil else { return nil }
        return PythonInterpreter.find(setting: setting, environment: environment)
    }

    /// - Returns: nil when this agent runs no operations in Python, with a line in the log when that is for want of a program.
    func parts() -> Parts? {
        guard let interpreter else { return nil }
        do {
            let runner = try configuration.operations.processRunner(ledger)
            // Plugins are of managers: an agent without one finds all in its own Python.
            let installer = configuration.daemon == nil ? nil : installer(interpreter, runner)
            let cold = ColdDispatcher(runner: runner)
            let warm = warmDispatcher(cold)
            return Parts(
                operations: PythonOperations(
                    environments: installer.map { installed(by: $0) }
                        ?? OwnInterpreter(interpreter: interpreter),
                    dispatcher: warm ?? cold, versions: CommonVersionFinder(commands: commands(runner)),
                    settings: settings, timers: timers),
                plugins: installer.map { installer in
                    PluginService(installer: installer, environment: environment, logger: logger) {
                        try client(for: $0)
                    }
                },
                agentOperations: installer.map { installer in
                    let operations = AgentOperations(installer: installer, manager: manager).operations
                    return Dictionary(operations.map { ($0.name, $0) }) { first, _ in first }
                } ?? [:], warm: warm)
        } catch {
            logger.warning("Operations in Python cannot be run: \(error)")
            return nil
        }
    }

    private func installer(_ interpreter: String, _ runner: ProcessRunner) -> PluginInstaller {
        let commands = commands(runner)
        var settings = InstallationSettings(interpreter: interpreter, environment: environment)
        settings.temporaryDirectory = WorkerDirectories(environment: environment).temporary
        settings.temporaryDirectories = temporaryDirectories
        return PluginInstaller(
            settings: settings, commands: commands, interpreters: PythonInterpreters(commands: commands))
    }

    private func installed(by installer: PluginInstaller) -> any PluginEnvironments {
        InstalledPlugins(installer: installer, manager: manager, logger: logger)
    }

    private func commands(_ runner: ProcessRunner) -> CommandRunner {
        CommandRunner(runner: runner, environment: OperationEnvironment(of: environment).inherited)
    }

    /// The manager of a task, as an installation sees it.
    private var manager: @Sendable (OperationTaskContext) throws -> any PluginManager {
        { [self] task in
            RESTPluginManager(
                try client(for: ManagerFacts(task)),
                scope: InstallationScope(
                    tenant: task.tenantName, deployment: task.deploymentID, blueprint: task.blueprintID))
        }
    }

    private func client(for facts: ManagerFacts) throws -> ManagerClient {
        do {
            return try managers.client(for: facts)
        } catch {
            throw ManagerCall.failure(error)
        }
    }

    private func warmDispatcher(_ cold: ColdDispatcher) -> WarmDispatcher? {
        switch configuration.operations.python.dispatcher {
        case .cold: nil
        // Its parents end with the agent in any case: their pipes are closed then.
        case .warm: WarmDispatcher(cold: cold, ledger: ledger, settings: warmSettings, logger: logger)
        }
    }

    private var warmSettings: WarmSettings {
        let python = configuration.operations.python
        return WarmSettings(idle: python.warmIdle, operations: python.warmOperations, parents: python.warmParents)
    }

    /// How operations are run.
    var settings: PythonSettings {
        let user = configuration.operations.user
        let inherited = OperationEnvironment(of: environment, user: user).inherited
        var settings = PythonSettings(temporaryDirectory: WorkerDirectories(environment: environment).temporary) {
            [trust] in
            var variables = inherited
            let current = trust.current
            // As a service task has changed them; a process that is dispatched reads them at its start.
            if let hosts = current.hosts { variables["REST_HOST"] = hosts.joined(separator: ",") }
            if variables["LOCAL_REST_CERT_FILE"]?.isEmpty ?? true { variables["LOCAL_REST_CERT_FILE"] = current.caFile }
            return variables
        }
        settings.temporaryDirectories = temporaryDirectories
        settings.logFile = { [log] deployment in log?.path(of: deployment) }
        settings.limits = configuration.operations.limits.processLimits
        settings.user = user
        return settings
    }
}
