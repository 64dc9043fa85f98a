import AgentTestSupport
import Foundation
import Glibc
import ManagerTestServer
import Operative
import Testing

@Suite("A Cloudify agent that is killed while a script runs", .rabbitMQ, .timeLimit(.minutes(5)))
struct WorkerScriptTests {
    @Test(
        "The next start removes the script's directory and that of its ctx, whoever runs scripts",
        arguments: geteuid() == 0 ? ["", "nobody"] : [""])
    func leavesNothing(user: String) async throws {
        let broker = RabbitMQ.current
        let place = try await WorkerPlace(broker)
        defer { place.remove() }
        let temporary = place.directory.appending(path: "temporary").path
        try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
        // For the script's user.
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: temporary)
        try "none".write(toFile: place.restAuthorityFile, atomically: false, encoding: .utf8)
        var environment = ["REST_PROTOCOL": "http", "CFY_EXEC_TEMP": temporary]
        if !user.isEmpty {
            environment["OPERATIVE_OPERATION_USER"] = user
            let libexec = place.directory.appending(path: "libexec").path
            try OpenPrograms.copy(["ctx", "operation-launcher"], to: libexec)
            environment["OPERATIVE_LIBEXEC"] = libexec
        }
        let variables = environment
        let manager = try await TestManager()
        manager.change { store in
            store.executions["e1"] = ["id": "e1", "status": "started"]
            store.operations["1"] = ["id": "1", "state": "sent"]
        }
        try await ServiceCaller.with(broker) { caller in
            let port = manager.port
            let first = try await AgentProcess.runWorker(place, environment: variables) { agent in
                #expect(await agent.log.contains("Ready"))
                try await caller.start(
                    "script_runner.tasks.run",
                    [
                        "script_source": """
                        #!/bin/sh
                        { dirname "$0"; dirname "$(dirname "$(command -v ctx)")"; id -un; } > \(temporary)/new
                        mv \(temporary)/new \(temporary)/known
                        sleep 600
                        """
                    ], id: "1",
                    context: [
                        "execution_id": "e1", "execution_token": "token", "rest_token": "token",
                        "rest_host": ["127.0.0.1"], "rest_port": .integer(port),
                        "tenant": ["name": "default_tenant"],
                    ])
                while !FileManager.default.fileExists(atPath: "\(temporary)/known") {
                    try await Task.sleep(for: .milliseconds(10))
                }
                kill(agent.processID, SIGKILL)
                await agent.log.untilEnd()
            }
            #expect(first.exitCode == nil)
            let known = try String(contentsOfFile: "\(temporary)/known", encoding: .utf8).split(separator: "\n")
            try #require(known.count == 3)
            #expect(user.isEmpty || known[2] == user[...])
            let directories = known.prefix(2).map(String.init)
            for directory in directories { #expect(FileManager.default.fileExists(atPath: directory)) }
            let second = try await AgentProcess.runWorker(place, environment: variables) { agent in
                #expect(await agent.log.contains("Ready"))
                for directory in directories { #expect(!FileManager.default.fileExists(atPath: directory)) }
            }
            #expect(second.exitCode == 0, "\(second.log)")
        }
        await manager.goDown()
    }
}
