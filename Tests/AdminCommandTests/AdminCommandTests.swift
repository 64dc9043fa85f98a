import AgentTestSupport
import Foundation
import Operative
import Subprocess
import Testing

/// The command line against an agent process.
@Suite("Status, cancel and drain on the agent's machine", .timeLimit(.minutes(6)))
struct AdminCommandTests {
    @Test("The agent is asked, an operation cancelled and the agent drained, also while the broker is stopped")
    func wholeWay() async throws {
        let broker = try RabbitMQNode()
        defer { broker.destroy() }
        try await broker.start()
        let agent = try AgentProgramRun(brokerPort: broker.port)
        defer { agent.removeState() }
        let status = try await agent.whileRunning { _ in
            let ready = try await agent.untilTrue("status") { $0["state"] == "ready" }
            #expect(ready["agent"]?["name"] == "admin-test")
            #expect(ready["reason"]?.isNull == true)
            #expect(ready["connections"]?.arrayValue?.map { $0["state"] } == ["connected", "connected"])
            #expect(ready["retries"]?["waits_in"] == "broker")

            let echo = try await agent.command(
                "send", "interop.echo", "-i", "db_password=hunter2", "-i", "port=8080", "--id", "echo")
            #expect(echo.code == 0 && echo.output.contains("hunter2"))
            let shown = try await agent.command("journal", "show", "echo")
            #expect(shown.code == 0 && shown.output.contains("8080") && !shown.output.contains("hunter2"))
            let nowhere = try await agent.command("journal", "retry-reply", "echo", "--reply-to", "nowhere")
            #expect(nowhere.code == 69 && nowhere.error.contains("no queue for nowhere"), "\(nowhere.error)")
            // Its own queue went with whoever sent it; where it was is known all the same.
            let back = try await agent.command("journal", "retry-reply", "echo")
            #expect(back.code == 69 && back.error.contains("no queue for"), "\(back.error)")
            #expect(try await agent.command("journal", "retry-reply", "nobody").code == 66)

            for execution in ["first", "second"] {
                let sent = try await agent.command(
                    "send", "interop.sleep", "-i", "milliseconds=3600000", "--execution", execution, "--no-wait")
                #expect(sent.code == 0, "\(sent.error)")
            }
            let operations = try await agent.untilTrue("operations") { $0["tasks"]?.arrayValue?.count == 2 }
            let phases = Set(operations["tasks"]?.arrayValue?.compactMap { $0["phase"]?.stringValue } ?? [])
            #expect(phases == ["running", "waiting"])
            let text = try await agent.command("operations")
            #expect(text.output.contains("interop.sleep") && text.output.contains("first"))

            try await broker.stop()
            let away = try await agent.untilTrue("status") { $0["state"] == "not_ready" }
            #expect(away["reason"]?.stringValue?.contains("no connection to the broker") == true)
            #expect(away["slots"]?["busy"] == 1)

            let cancelled = try await agent.command("cancel", "first")
            #expect(cancelled.code == 0 && cancelled.output.contains("1 running or waiting task"))
            try await agent.untilTrue("status") { $0["ended"]?["cancelled"] == 1 }

            try await broker.start()
            try await agent.untilTrue("status") { $0["state"] == "ready" }
            let again = try await agent.command("cancel", "second")
            #expect(again.code == 0)
            let drain = try await agent.command("drain")
            #expect(drain.code == 0 && drain.output.hasPrefix("stopping"))
        }
        #expect(status == .exited(0))
        let gone = try await agent.command("status")
        #expect(gone.code == 69 && gone.error.contains(agent.stateDirectory))

        // The journal is read without the agent too.
        let list = try await agent.command("journal", "list")
        #expect(list.code == 0 && list.output.contains("interop.echo"), "\(list.error)")
        let export = try await agent.command("journal", "export")
        #expect(export.code == 0 && export.output.contains("8080") && !export.output.contains("hunter2"))
        #expect(try await agent.command("journal", "retry-reply", "echo").code == 69)
        #expect(try await agent.command("journal", "show", "nobody").code == 66)
    }

    @Test(
        "A reply whose queue is gone is listed, outlives the agent, and is sent again on request; so is one from a file"
    )
    func undeliverable() async throws {
        let broker = try RabbitMQNode()
        defer { broker.destroy() }
        try await broker.start()
        let agent = try AgentProgramRun(brokerPort: broker.port)
        defer { agent.removeState() }
        // As earlier releases kept them: one whole, one of which only the beginning was kept.
        try agent.keepFile(
            "a", body: #"{"ok":true,"result":17}"#, size: 23, reason: "no queue for reply_to q, correlation_id old")
        try agent.keepFile(
            "b", body: #"{"ok":tr"#, size: 2_000_000, reason: "no queue for reply_to q, correlation_id none")
        let first = try await agent.whileRunning { _ in
            try await agent.untilTrue("status") { $0["state"] == "ready" }
            #expect(try await agent.undeliverable().map { $0["correlation_id"] } == ["old"])
            let sent = try await agent.command(
                "send", "interop.sleep", "-i", "milliseconds=3600000", "--execution", "e", "--id", "lonely",
                "--timeout", "1")
            #expect(sent.code == 69, "\(sent.error)")
            try await agent.untilTrue("operations") { $0["tasks"]?.arrayValue?.first?["phase"] == "running" }
            // Whoever sent it has gone, and its queue with it.
            #expect(try await agent.command("cancel", "e").code == 0)
            try await agent.untilTrue("status") { $0["ended"]?["cancelled"] == 1 && $0["tasks"]?["settling"] == 0 }
            #expect(try await agent.undeliverable().map { $0["task_id"] } == ["lonely", .null])
            #expect(try await agent.command("drain").code == 0)
        }
        #expect(first == .exited(0))
        #expect(agent.keptFiles == ["b.body", "b.json"])
        #expect(try await agent.undeliverable().count == 2, "also without the agent")

        let second = try await agent.whileRunning { _ in
            try await agent.untilTrue("status") { $0["state"] == "ready" }
            let table = try await agent.command("journal", "list", "--undeliverable")
            #expect(table.output.contains("lonely") && table.output.contains("unroutable"))
            let shown = try await agent.command("journal", "show", "u1")
            #expect(shown.json?["answer"]?["result"] == 17, "\(shown.output)")
            #expect(try await agent.command("journal", "retry-reply", "lonely").code == 69)
            #expect(try await agent.undeliverable().count == 2)
            try await broker.management.declareQueue("rescued", boundTo: "admin-test", virtualHost: "/")
            for key in ["lonely", "u1"] {
                let result = try await agent.command("journal", "retry-reply", key, "--reply-to", "rescued")
                #expect(result.code == 0, "\(result.error)")
            }
            let left = try await agent.command("journal", "list", "--undeliverable")
            #expect(left.output == "Every reply was delivered.\n")
            #expect(try await agent.command("drain").code == 0)
        }
        #expect(second == .exited(0))
    }

    @Test("An agent that has never reached a broker answers, says what is missing, and can be drained")
    func noBroker() async throws {
        // Nobody listens on port 1.
        let agent = try AgentProgramRun(brokerPort: 1)
        defer { agent.removeState() }
        let status = try await agent.whileRunning { _ in
            let starting = try await agent.untilTrue("status") {
                $0["reason"]?.stringValue?.contains("refused") == true
            }
            #expect(starting["state"] == "starting")
            let text = try await agent.command("status")
            #expect(text.code == 0 && text.output.contains("starting: no connection to the broker"))
            try await agent.untilTrue("operations") { $0["tasks"] == [] }
            #expect(try await agent.command("cancel", "anything").code == 0)
            #expect(try await agent.command("drain").code == 0)
        }
        #expect(status == .exited(0))
    }

    @Test("A killed agent counts as none, and its successor is found")
    func killed() async throws {
        let agent = try AgentProgramRun(brokerPort: 1)
        defer { agent.removeState() }
        let first = try await agent.whileRunning { pid in
            try await agent.untilTrue("status") { $0["agent"]?["pid"]?.intValue == Int(pid) }
            kill(pid, SIGKILL)
        }
        #expect(first == .signaled(SIGKILL))
        #expect(FileManager.default.fileExists(atPath: agent.stateDirectory + "/admin.sock"))
        #expect(try await agent.command("status").code == 69)
        let second = try await agent.whileRunning { pid in
            try await agent.untilTrue("status") { $0["agent"]?["pid"]?.intValue == Int(pid) }
            #expect(try await agent.command("drain").code == 0)
        }
        #expect(second == .exited(0))
    }

    @Test("Another user learns nothing", .root)
    func otherUser() async throws {
        let agent = try AgentProgramRun(brokerPort: 1)
        defer { agent.removeState() }
        let status = try await agent.whileRunning { _ in
            try await agent.untilTrue("status") { $0["state"] == "starting" }
            let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
            let refused = try await agent.command("status", through: nobody)
            // 126: this user may not even reach the program that the test has built.
            #expect(refused.code == 77 || refused.code == 126, "\(refused.error)")
            #expect(refused.output == "")
            #expect(try await agent.command("drain").code == 0)
        }
        #expect(status == .exited(0))
    }
}
