import AgentRuntime
import Logging
import ManagerClient
import Testing

@testable import OperativeAgent

@Suite("The way to managers")
struct ManagerConnectionsTests {
    @Test(
        "The members that a cluster update names are used from then on, whoever named the manager before",
        arguments: [[:], ["REST_HOST": "old-1,old-2"]])
    func clusterUpdate(named: [String: String]) throws {
        let trust = ManagerTrust(caFile: nil)
        let connections = ManagerConnections(
            environment: named.merging(["REST_PORT": "443", "LOCAL_REST_CERT_FILE": "/dev/null"]) { $1 },
            sender: ManagerSender(agentName: "a"), trust: trust,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let facts = ManagerFacts(hosts: ["old-1", "old-2"])
        #expect(try connections.client(for: facts).address.hosts == ["old-1", "old-2"])
        trust.change(hosts: ["new-1", "fd00::1"])
        #expect(try connections.client(for: facts).address.hosts == ["new-1", "fd00::1"])
    }
}
