import AgentExecutors
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
    private let warm: WarmDispatcher?

    init(interpreter: String, directory: String, certificate: String, isWarm: Bool = false) {
        let modules = (Bundle.module.resourceURL?.path ?? "") + "/Fixtures/python"
        let environment = [
            "PATH": "/usr/bin:/bin", "HOME": directory, "AGENT_NAME": "host_agent1", "AGENT_WORK_DIR": directory,
            "LOCAL_REST_CERT_FILE": certificate, "REST_PROTOCOL": "http", "PYTHONPATH": modules,
            "PYTHONDONTWRITEBYTECODE": "1", "OPERATIVE_BROKER_PASSWORD": "secret",
        ]
        let temporary = directory + "/temporary"
        let logs = directory + "/logs"
        for path in [temporary, logs] {
            try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        self.temporary = temporary
        self.logs = logs
        var settings = PythonSettings(temporaryDirectory: temporary) {
            OperationEnvironment(of: environment).inherited
        }
        settings.logFile = { "\(logs)/\($0 ?? "__system__").log" }
        let runner = ProcessRunner(ledger: ledger, launcher: nil, grace: .seconds(1))
        let cold = ColdDispatcher(runner: runner)
        warm =
            isWarm
            ? WarmDispatcher(
                cold: cold, ledger: ledger, grace: .seconds(1),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) : nil
        operations = PythonOperations(
            environments: OwnInterpreter(interpreter: interpreter), dispatcher: warm ?? cold,
            runner: runner, settings: settings, timers: TimerThread())
    }

    /// Ends the processes that wait for operations.
    func close() async { await warm?.close() }
}
