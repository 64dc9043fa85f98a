internal import AgentConfiguration
internal import AgentExecutors
internal import AgentRuntime
internal import Logging
internal import OperationProcesses
internal import Operative
internal import PythonPlugins

/// Puts together what runs operations in Python.
struct PythonWiring {
    let configuration: AgentConfiguration
    let ledger: any ProcessLedger
    let trust: ManagerTrust
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
    func operations() -> PythonOperations? {
        guard let interpreter else { return nil }
        do {
            let runner = try configuration.operations.processRunner(ledger)
            return PythonOperations(
                environments: OwnInterpreter(interpreter: interpreter), dispatcher: dispatcher(runner), runner: runner,
                settings: settings, timers: timers)
        } catch {
            logger.warning("Operations in Python cannot be run: \(error)")
            return nil
        }
    }

    private func dispatcher(_ runner: ProcessRunner) -> any PythonDispatcher {
        switch configuration.operations.python.dispatcher {
        case .warm, .cold: ColdDispatcher(runner: runner)
        }
    }

    private var settings: PythonSettings {
        let inherited = OperationEnvironment(of: environment).inherited
        var settings = PythonSettings(temporaryDirectory: WorkerDirectories(environment: environment).temporary) {
            [trust] in
            var variables = inherited
            let current = trust.current
            // As a service task has changed them; a process that is dispatched reads them at its start.
            if let hosts = current.hosts { variables["REST_HOST"] = hosts.joined(separator: ",") }
            if variables["LOCAL_REST_CERT_FILE"]?.isEmpty ?? true { variables["LOCAL_REST_CERT_FILE"] = current.caFile }
            return variables
        }
        settings.logFile = { [log] deployment in log?.path(of: deployment) }
        settings.limits = configuration.operations.limits.processLimits
        settings.user = configuration.operations.user
        return settings
    }
}
