import AgentConfiguration
import AgentExecutors
import AgentRuntime
import Foundation
import Logging
import ManagerClient
import OperationProcesses
import PythonPlugins
import Testing

@testable import OperativeAgent

@Suite("What operations in Python are given")
struct PythonWiringTests {
    private func environment(_ settings: [String: String]) throws -> [String: String] {
        let configuration = try AgentConfiguration.load(file: nil, environment: [:], overrides: settings)
        let environment = ["HOME": "/home/agent", "USER": "agent", "OPERATIVE_BROKER_PASSWORD": "secret", "X": "y"]
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let trust = ManagerTrust(caFile: "/ca.pem")
        let wiring = PythonWiring(
            configuration: configuration, temporaryDirectories: TemporaryDirectories(notes: "/nowhere"),
            ledger: InMemoryProcessLedger(), trust: trust,
            managers: ManagerConnections(
                environment: environment, sender: ManagerSender(agentName: "a"), trust: trust, logger: logger),
            environment: environment, log: nil, timers: TimerThread(), logger: logger)
        return wiring.settings.environment()
    }

    @Test("The agent's environment without its secrets, with the manager's authority")
    func own() throws {
        #expect(
            try environment([:]) == [
                "HOME": "/home/agent", "USER": "agent", "X": "y", "LOCAL_REST_CERT_FILE": "/ca.pem",
            ])
    }

    @Test("HOME and the like are those of the user that operations run as")
    func user() throws {
        let home = try #require(FileManager.default.homeDirectory(forUser: "daemon")).path
        let found = try environment(["operation.user": "daemon"])
        #expect(found["HOME"] == home)
        #expect(found["USER"] == "daemon" && found["LOGNAME"] == "daemon" && found["X"] == "y")
    }
}
