import AgentTestSupport
import Foundation
import Operative
import Testing

@Suite("Service tasks that change a Cloudify agent", .timeLimit(.minutes(5)))
struct WorkerMaintenanceTests {
    private struct Setup: Sendable {
        let certificates: TLSFixture
        let node: RabbitMQNode
    }

    /// A node that asks agents for no certificate of their own, as a manager's does not.
    private static let setup = Task {
        let certificates = try await TLSFixture()
        let node = try RabbitMQNode(
            tls: certificates,
            configuration: "ssl_options.verify = verify_none\nssl_options.fail_if_no_peer_cert = false")
        try await node.start()
        return Setup(certificates: certificates, node: node)
    }

    /// Runs the worker over TLS around `body`, which it calls once the worker is ready.
    private func withWorker(
        _ body: @Sendable (WorkerPlace, TLSFixture, AgentProcess, ServiceCaller) async throws -> Void
    ) async throws {
        let setup = try await Self.setup.value
        try await RabbitMQ.withVirtualHost(on: setup.node) { broker in
            let place = try await WorkerPlace(broker, authority: setup.certificates.ca)
            defer { place.remove() }
            let end = try await AgentProcess.runWorker(place) { agent in
                #expect(await agent.log.contains("Ready"))
                try await ServiceCaller.with(broker) { try await body(place, setup.certificates, agent, $0) }
            }
            #expect(end.exitCode == 0, "\(end.log)")
        }
    }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    private func object(_ path: String) throws -> PropertyValue {
        try PropertyValue(json: Array(try text(path).utf8))
    }

    @Test(
        "New authorities are written and trusted at once: the agent connects again, and an operation that runs meanwhile is answered once"
    )
    func replaceAuthorities() async throws {
        try await withWorker { place, certificates, agent, caller in
            try await caller.start("interop.sleep", ["milliseconds": 2_000], id: "1")
            let both = try text(certificates.otherCA) + text(certificates.ca)
            let manager = try text(certificates.otherCA)
            let reply = try await caller.call(
                "replace-ca-certs", ["new_broker_ca": .string(both), "new_manager_ca": .string(manager)])
            #expect(reply == .null)
            #expect(try await caller.reply(to: "1")?["ok"] == true)
            #expect(await agent.log.contains("Connected to the broker", times: 2))
            #expect(agent.log.count("Done") == 1)
            #expect(try text(place.authorityFile) == both)
            #expect(try text(place.restAuthorityFile) == manager)
            let config = try object(place.brokerConfigFile)
            #expect(config["broker_cert_path"] == .string(place.authorityFile))
            #expect(config["broker_password"] == "secret")
            #expect(config["broker_port"] == .integer(place.broker.node.tlsPort))
            #expect(try object(place.daemonFile)["local_rest_cert_file"] == .string(place.restAuthorityFile))
            #expect(try await caller.call("ping")?["time"] != nil)
        }
    }

    @Test("While the broker's certificate is not signed by the new authority, the agent stays connected and says so")
    func tooEarly() async throws {
        try await withWorker { place, certificates, agent, caller in
            let other = try text(certificates.otherCA)
            let reply = try await caller.call(
                "replace-ca-certs", ["new_broker_ca": .string(other), "new_manager_ca": .null])
            #expect(reply == .null)
            #expect(await agent.log.contains("No connection can be made the new way yet"))
            #expect(agent.log.count("Connected to the broker") == 0)
            #expect(try text(place.authorityFile) == other)
            #expect(!FileManager.default.fileExists(atPath: place.restAuthorityFile))
            #expect(try await caller.call("ping")?["time"] != nil)
        }
    }

    @Test("Other nodes of the broker are written and used at once, without losing what the agent holds")
    func updateCluster() async throws {
        try await withWorker { place, certificates, agent, caller in
            let second = try FaultProxy(to: place.broker.node.tlsPort)
            defer { second.close() }
            try await caller.start("interop.sleep", ["milliseconds": 2_000], id: "1")
            let host = "127.0.0.1:\(second.port)"
            let reply = try await caller.call(
                "cluster-update",
                [
                    "brokers": [.string(host)], "broker_ca": .string(try text(certificates.ca)),
                    "managers": ["10.0.0.1", "10.0.0.2"], "manager_ca": .string(try text(certificates.otherCA)),
                ])
            #expect(reply == .null)
            #expect(try await caller.reply(to: "1")?["ok"] == true)
            #expect(await agent.log.contains("broker=127.0.0.1:\(second.port)", times: 2))
            #expect(try object(place.brokerConfigFile)["broker_hostname"] == [.string(host)])
            let daemon = try object(place.daemonFile)
            #expect(daemon["broker_ip"] == [.string(host)])
            #expect(daemon["rest_host"] == ["10.0.0.1", "10.0.0.2"])
            #expect(daemon["queue"] == "agent_1")
            #expect(try text(place.restAuthorityFile) == text(certificates.otherCA))
            // For the next start.
            #expect(
                try object("\(place.workDirectory)/operative/managers.json")["managers"] == ["10.0.0.1", "10.0.0.2"])
            let mode = try FileManager.default.attributesOfItem(atPath: place.brokerConfigFile)[.posixPermissions]
            #expect(mode as? Int == 0o640)
            // Before its only broker goes.
            agent.terminate()
            await agent.log.untilEnd()
        }
    }

    @Test("What cannot be used is refused with a reason, and no file changes")
    func refused() async throws {
        try await withWorker { place, certificates, agent, caller in
            let files = [place.brokerConfigFile, place.daemonFile, place.authorityFile]
            let before = try files.map(text)
            let ca = PropertyValue.string(try text(certificates.ca))
            let calls: [(String, [String: PropertyValue], String)] = [
                ("replace-ca-certs", ["new_broker_ca": "CA", "new_manager_ca": .null], "ValueError("),
                ("replace-ca-certs", ["new_broker_ca": ca], "TypeError("),
                (
                    "cluster-update",
                    ["brokers": ["a b:c"], "broker_ca": ca, "managers": ["m"], "manager_ca": ca], "ValueError("
                ),
                ("cluster-update", ["brokers": [], "broker_ca": ca, "managers": [], "manager_ca": ca], "ValueError("),
            ]
            for (task, kwargs, expected) in calls {
                let reply = try await caller.call(task, kwargs)
                #expect(reply?["ok"] == false)
                #expect(reply?["error"]?.stringValue?.hasPrefix(expected) == true, "\(reply ?? .null)")
            }
            #expect(try files.map(text) == before)
            #expect(!FileManager.default.fileExists(atPath: place.restAuthorityFile))
            #expect(agent.log.count("Connected to the broker") == 0)
        }
    }
}
