import AgentTestSupport
import Foundation
import Glibc
import ManagerTestServer
import Operative
import Testing

/// Operations in Python by the agent's program, as a manager sees them.
@Suite("A Cloudify agent and operations in Python", .rabbitMQ, .timeLimit(.minutes(5)))
struct WorkerPythonTests {
    private let broker = RabbitMQ.current

    @Test(
        "A function is run, cancelled and ended when its time is up, by a new Python for each and by one that waits",
        arguments: ["cold", "warm"])
    func operations(_ dispatcher: String) async throws {
        let stage = try await PythonStage(broker)
        try await ServiceCaller.with(broker) { caller in
            let end = try await stage.runWorker(dispatcher) { _ in
                let echo = try await stage.run("edgeplugin.ops.echo", ["a": 1], id: "1", by: caller)
                #expect(echo.value(at: "result.kwargs") == ["a": 1])

                try await stage.start("edgeplugin.ops.stubborn", id: "2", by: caller)
                let child = try #require(Int32(await stage.ready("2").split(separator: " ").last ?? ""))
                #expect(PythonStage.isRunning(child))
                _ = try await caller.call("cancel-operation", ["execution_id": "e2"])
                await stage.until("2", is: "response-sent")
                #expect(!PythonStage.isRunning(child))

                let late = try await stage.run("edgeplugin.ops.sleeper", id: "3", ["timeout": 1], by: caller)
                #expect(late.value(at: "error.message") == "Process killed due to timeout of 1 seconds")
            }
            #expect(end.exitCode == 0, "\(end.log)")
        }
        #expect(try stage.leftovers() == [])
        await stage.close()
    }

    @Test(
        "An agent that is killed with an operation leaves nothing of it to the next start: no process, no directory with a token; and the function that cannot be resumed says so",
        arguments: ["cold", "warm"])
    func killed(_ dispatcher: String) async throws {
        let stage = try await PythonStage(broker)
        try await ServiceCaller.with(broker) { caller in
            let first = try await stage.runWorker(dispatcher) { agent in
                try await stage.start("edgeplugin.ops.stubborn", id: "1", by: caller)
                let child = try #require(Int32(await stage.ready("1").split(separator: " ").last ?? ""))
                kill(agent.processID, SIGKILL)
                await agent.log.untilEnd()
                #expect(PythonStage.isRunning(child))
            }
            #expect(first.exitCode == nil)
            let left = try stage.leftovers()
            #expect(left.count == 1 && left[0].hasPrefix("task-edgeplugin.stubborn-"), "\(left)")
            let second = try await stage.runWorker(dispatcher) { agent in
                let reply = try await caller.reply(to: "1")
                let message = reply?.value(at: "error.message")?.stringValue ?? ""
                #expect(message.hasPrefix("Cannot resume - operation not resumable: <function stubborn"), "\(message)")
                #expect(try stage.leftovers() == [])
            }
            #expect(second.exitCode == 0, "\(second.log)")
        }
        let child = try #require(Int32(await stage.ready("1").split(separator: " ").last ?? ""))
        #expect(!PythonStage.isRunning(child))
        await stage.close()
    }

    @Test(
        "A script in Python runs as recorded, and so does one whose source is Python; both have ctx",
        arguments: ["cold", "warm"])
    func scripts(_ dispatcher: String) async throws {
        let stage = try await PythonStage(broker)
        let fixtures = URL(filePath: Command.repositoryRoot + "/Tests/ScriptPluginTests/Fixtures")
        let recorded = try PropertyValue(json: Array(Data(contentsOf: fixtures.appending(path: "s_py.json"))))
        let script = try String(contentsOf: fixtures.appending(path: "files/pyscript.py"), encoding: .utf8)
        stage.manager.change { store in
            store.files["blueprints/default_tenant/bp1/scripts/pyscript.py"] = StoredFile(.bytes(Array(script.utf8)))
            store.addInstance("app_1", node: "app")
        }
        var inputs = recorded.value(at: "request.cloudify_task.kwargs")?.objectValue ?? [:]
        inputs["__cloudify_context"] = nil
        let path = inputs
        let scriptPlugin: [String: PropertyValue] = [
            "plugin": ["name": "script"], "node_id": "app_1", "node_name": "app",
        ]
        try await ServiceCaller.with(broker) { caller in
            let end = try await stage.runWorker(dispatcher) { _ in
                let reply = try await stage.run("script_runner.tasks.run", path, id: "1", scriptPlugin, by: caller)
                #expect(reply == recorded["reply"])
                let expected = (recorded["log"]?.arrayValue ?? []).map {
                    ($0[0]?.stringValue ?? "", $0[1]?.stringValue)
                }
                let found = stage.logs(of: "1")
                #expect(found.map(\.level) == expected.map(\.0))
                #expect(found.last?.text == expected.last?.1)
                #expect(found.first?.text.hasPrefix("Downloaded scripts/pyscript.py to ") == true)

                let source = """
                    from cloudify import ctx
                    from cloudify.state import ctx_parameters as p
                    ctx.instance.runtime_properties['seen'] = p.text
                    ctx.logger.warning('from source')
                    import os, sys
                    forked = os.path.exists(os.path.join(sys.argv[1], '.begun'))
                    ctx.returns([ctx.instance.id, p.text, forked])
                    """
                let inputs: [String: PropertyValue] = [
                    "script_source": .string(source), "text": "ü", "process": ["eval_python": true],
                ]
                let evaluated = try await stage.run(
                    "script_runner.tasks.run", inputs, id: "2", scriptPlugin, by: caller)
                #expect(evaluated == ["ok": true, "result": ["app_1", "ü", .bool(dispatcher == "warm")]])
                #expect(stage.logs(of: "2").map { "\($0)" } == [#"(level: "warning", text: "from source")"#])
                #expect(stage.manager.store.instances["app_1"]?["runtime_properties"] == ["seen": "ü"])
            }
            #expect(end.exitCode == 0, "\(end.log)")
        }
        #expect(try stage.leftovers() == [])
        await stage.close()
    }

    @Test("Without a manager a function works that asks none; one that does fails with what to do about it")
    func noManager() async throws {
        let settings = ["PYTHON_INTERPRETER": try await TestPython.interpreter()]
        let environment = [
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": Command.repositoryRoot + "/Tests/ManagedOperationTests/Fixtures/python",
        ]
        try await ServiceCaller.with(broker) { caller in
            let end = try await AgentProcess.run(broker, settings: settings, environment: environment) { agent in
                #expect(await agent.log.contains("Ready"))
                try await caller.start("edgeplugin.ops.where", [:], id: "1")
                #expect(try await caller.reply(to: "1")?["ok"] == true)
                let returning: [String: PropertyValue] = [
                    "script_source": "from cloudify import ctx\nctx.returns(ctx.operation.name)",
                    "process": ["eval_python": true],
                ]
                try await caller.start("script_runner.tasks.run", returning, id: "2")
                #expect(try await caller.reply(to: "2") == ["ok": true, "result": "start"])
                for (id, line) in [
                    ("3", "ctx.logger.info('x')"), ("4", "ctx.instance.runtime_properties['x'] = 1"),
                    ("5", "ctx.get_resource('x')"), ("6", "ctx.send_event('x')"),
                ] {
                    let asking: [String: PropertyValue] = [
                        "script_source": .string("from cloudify import ctx\n\(line)"), "process": ["eval_python": true],
                    ]
                    let context: [String: PropertyValue] = ["node_id": "n_1", "node_name": "n"]
                    try await caller.start("script_runner.tasks.run", asking, id: id, context: context)
                    let error = try await caller.reply(to: id)?["error"]
                    #expect(error?["known_exception_type"] == "NonRecoverableError", "\(line)")
                    let message = error?["message"]?.stringValue ?? ""
                    #expect(
                        message.hasPrefix("An operation in Python asks a manager for what it has of ctx"), "\(message)")
                }
            }
            #expect(end.exitCode == 0, "\(end.log)")
        }
    }
}
