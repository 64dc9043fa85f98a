import AgentTestSupport
import CtxService
import Foundation
import OperationProcesses
import Operative
import OperativeTestKit
import ScriptPlugin
import Testing

/// `operation.user`: who runs a script, what it can do, and what it keeps from everybody else.
@Suite("Scripts of another user than the agent", .root, .programs(runBy: "daemon"), .timeLimit(.minutes(3)))
struct OtherUserTests {
    private let stage: ScriptStage
    private let environment: TestEnvironment
    private let plugin: ScriptPlugin

    init() throws {
        stage = try ScriptStage()
        plugin = try stage.plugin(of: "daemon")
        var files = TestManager()
        files.resources = [
            "motd": "welcome\n", "tool.sh": "#!/bin/sh\nctx returns \"$(id -un) $(stat -c '%U %a' \"$0\")\"\n",
        ]
        environment = TestEnvironment(TestInstance(node: "web"), manager: files)
    }

    private func run(_ source: String, _ inputs: [String: PropertyValue] = [:]) async -> OperationResult {
        await stage.run(source, inputs, in: environment, plugin: plugin)
    }

    /// Runs a command as a user who has nothing to do with the operation.
    private func asThird(_ command: String) async throws -> String {
        try await Command.run(
            "sh", ["-c", "setpriv --reuid=nobody --regid=nogroup --clear-groups sh -c \"$0\" 2>&1; true", command])
    }

    /// Runs a script that waits until `body` has looked at it.
    private func whileRunning(
        _ source: String, _ inputs: [String: PropertyValue] = [:], _ body: () async throws -> Void
    ) async throws -> OperationResult {
        let gate = "\(stage.work)/gate"
        #expect(mkfifo(gate, 0o666) == 0 && chmod(gate, 0o666) == 0)
        async let result = run("echo started; \(source)\nread line < '\(gate)'", inputs)
        try await waitUntil { environment.logs.contains { $0.message == "<out> started" } }
        do {
            try await body()
        } catch {
            try? "\n".write(toFile: gate, atomically: false, encoding: .utf8)
            throw error
        }
        try "\n".write(toFile: gate, atomically: false, encoding: .utf8)
        return await result
    }

    @Test("The script runs as its user, in /, with the user's home and groups, and its ctx works")
    func whoItIs() async throws {
        let result = await run(
            #"ctx returns "$(id -un) $(id -gn) $(id -G) $(pwd) $HOME $USER $LOGNAME $(ctx node id)""#)
        #expect(result.value == "daemon daemon 1 / /usr/sbin daemon daemon web", "\(result)")
        let resource = await environment.run(
            "script_runner.tasks.run", in: plugin, inputs: ["script_path": "tool.sh"])
        #expect(resource.value == "daemon daemon 700", "\(resource)")
        #expect(stage.leftovers == [])
    }

    @Test("Nobody but its user reads a script, its inputs, its ctx or what it downloads")
    func othersAreKeptOut() async throws {
        let result = try await whileRunning(
            """
            echo "script $0"; echo "ctx $OPERATIVE_CTX_SOCKET $OPERATIVE_CTX_TOKEN $CTX_SOCKET_URL $(command -v ctx)"
            echo "file $(ctx download-resource motd)"
            cat "$(ctx download-resource motd)"
            """, ["password": "hunter2"]
        ) {
            try await waitUntil { environment.logs.contains { $0.message == "<out> welcome" } }
            func words(_ name: String) throws -> [String] {
                let line = environment.logs.first { $0.message.hasPrefix("<out> \(name) ") }
                return try #require(line).message.split(separator: " ").dropFirst(2).map(String.init)
            }
            let script = try #require(try words("script").first)
            let file = try #require(try words("file").first)
            let ctx = try words("ctx")
            func folder(_ path: String) -> String { URL(filePath: path).deletingLastPathComponent().path }
            for path in [script, folder(script), folder(folder(ctx[3]))] {
                #expect(try await Command.run("stat", ["-c", "%U %a", path]) == "daemon 700\n", "\(path)")
            }
            for path in [file, folder(file)] {
                #expect(try await Command.run("stat", ["-c", "%U", path]) == "daemon\n", "\(path)")
            }
            #expect(try await asThird("cat '\(script)'").contains("Permission denied"))
            let created = environment.logs.first { $0.message.hasPrefix("Process created, PID: ") }
            let pid = try #require(created?.message.split(separator: " ").last)
            #expect(try await asThird("cat /proc/\(pid)/environ").contains("Permission denied"))
            let question =
                "OPERATIVE_CTX_SOCKET=\(ctx[0]) OPERATIVE_CTX_TOKEN=\(ctx[1]) \(stage.directory)/libexec/ctx node id"
            #expect(try await asThird(question).contains("Permission denied"))
            // The path of the HTTP face is what keeps others out: with any other there is nothing.
            let root = ctx[2].split(separator: "/").prefix(2).joined(separator: "//")
            #expect(try await asThird("\(stage.directory)/libexec/ctx --socket-url \(root) node id").contains("404"))
            #expect(try await asThird("\(stage.directory)/libexec/ctx --socket-url \(ctx[2]) node id") == "web")
        }
        #expect(result.value == .null, "\(result)")
        #expect(stage.leftovers == [])
    }

    @Test("A file of the machine is a script only if its user may read it")
    func files() async throws {
        let secret = try stage.file("secret", "root's own\n")
        #expect(chmod(secret, 0o600) == 0)
        let refused = await environment.run(
            "script_runner.tasks.run", in: plugin,
            inputs: ["script_path": .string("file://" + secret), "process": ["command_prefix": "cat"]])
        #expect(refused.failure?.message.contains("cannot read \(secret): ") == true, "\(refused)")
        #expect(refused.failure?.message.contains("Permission denied") == true, "\(refused)")
        #expect(!environment.logs.contains { $0.message.contains("root's own") })
        let open = try stage.file("it's open.sh", "ctx returns \"$(id -un) $(stat -c '%U %a' \"$0\")\"\n")
        #expect(chmod(open, 0o644) == 0)
        let allowed = await environment.run(
            "script_runner.tasks.run", in: plugin, inputs: ["script_path": .string("file://" + open)])
        #expect(allowed.value == "daemon daemon 700", "\(allowed)")
        let folder = await environment.run(
            "script_runner.tasks.run", in: plugin, inputs: ["script_path": "file:///usr"])
        #expect(folder.failure?.message == "cannot read /usr: it is not a file")
        #expect(stage.leftovers == [])
    }

    @Test("What a script has put beside itself goes with it, and nothing that its links lead to")
    func leftBehind() async throws {
        let other = "\(stage.work)/other"
        try FileManager.default.createDirectory(atPath: "\(other)/deep", withIntermediateDirectories: true)
        let kept = try stage.file("other/deep/kept", "kept")
        let result = await run(
            """
            cd "$(dirname "$0")"
            mkdir -p own/deep && touch own/deep/kept && chmod 0 own/deep
            ln -s '\(other)' link && mv own moved && ln -s '\(other)' own
            rm "$0" && ln -s '\(kept)' "$0"
            """)
        #expect(result.value == .null, "\(result)")
        #expect(try String(contentsOfFile: kept, encoding: .utf8) == "kept")
        #expect(stage.leftovers == [])
    }

    @Test("Lines come while the script runs, and a failure is told as of any other")
    func output() async throws {
        let result = try await whileRunning("id -un") {
            try await waitUntil { environment.logs.contains { $0.message == "<out> daemon" } }
        }
        #expect(result.value == .null)
        let failure = try #require(await run("touch /etc/operative-was-here || exit 7").failure)
        #expect(failure.message.contains("exit_code: 7") && failure.message.contains("Permission denied"))
    }

    @Test("Cancelling ends everything that the user's script has started, deaf and in sessions of their own")
    func cancelled() async throws {
        let list = "\(stage.work)/pids"
        let running = Task {
            await run(
                """
                trap '' TERM
                echo $$ >> '\(list)'
                setsid sh -c 'trap "" TERM; echo $$ >> \(list); while :; do sleep 1; done' &
                while :; do sleep 1; done
                """)
        }
        func pids() -> [Int32] {
            ((try? String(contentsOfFile: list, encoding: .utf8)) ?? "").split(separator: "\n").compactMap { Int32($0) }
        }
        try await waitUntil { pids().count == 2 }
        for pid in pids() { #expect(try await Command.run("stat", ["-c", "%U", "/proc/\(pid)"]) == "daemon\n") }
        running.cancel()
        #expect(await running.value.outcome == .cancelled)
        #expect(pids().filter { kill($0, 0) == 0 } == [])
        #expect(stage.leftovers == [] && stage.ledger.groups.isEmpty)
    }

    @Test("Python is asked as the user whether a text is Python")
    func syntax() async throws {
        let settings = try stage.settings(of: "daemon")
        let check = PythonSyntaxCheck(
            interpreter: "python3", settings: settings, processes: ProcessRunner(ledger: stage.ledger, launcher: nil))
        #expect(try await check.isPython("x = 1", environment.context()))
        #expect(stage.leftovers == [])
    }

    @Test("A process of that user that puts links in the socket's place has the agent change nothing behind them")
    func links() async throws {
        let manager = FileManager.default
        let target = "\(stage.directory)/of-root"
        try "secret".write(toFile: target, atomically: false, encoding: .utf8)
        #expect(chmod(target, 0o644) == 0)
        let attack = """
            until (-e "$ARGV[1]") {
                for (glob "$ARGV[0]/ctx/ctx-*/socket") { rename $_, "$_.away" and symlink "$ARGV[0]/of-root", $_ }
            }
            """
        let end = "\(stage.directory)/end"
        async let attacking = Command.run(
            "setpriv",
            [
                "--reuid=daemon", "--regid=daemon", "--clear-groups", "timeout", "60", "perl", "-e", attack,
                stage.directory, end,
            ])
        for _ in 0..<30 { _ = await run("true") }
        try "".write(toFile: end, atomically: false, encoding: .utf8)
        _ = try await attacking
        let attributes = try manager.attributesOfItem(atPath: target)
        #expect(attributes[.posixPermissions] as? Int == 0o644)
        #expect(attributes[.ownerAccountID] as? Int == 0)
    }

    @Test("Its directory and that of its ctx are noted while it runs, for the next start of a killed agent")
    func noted() async throws {
        let notes = "\(stage.work)/notes"
        var settings = try stage.settings(of: "daemon")
        let directories = TemporaryDirectories(notes: notes)
        settings.temporaryDirectories = directories
        settings.ctx = settings.ctx.map { ctx in
            var ctx = ctx
            ctx.temporaryDirectories = directories
            return ctx
        }
        let gate = "\(stage.work)/gate"
        #expect(mkfifo(gate, 0o666) == 0 && chmod(gate, 0o666) == 0)
        let plugin = stage.plugin(settings)
        async let result = stage.run(
            "echo started; read line < '\(gate)'", in: environment, plugin: plugin)
        try await waitUntil { environment.logs.contains { $0.message == "<out> started" } }
        let manager = FileManager.default
        let noted = try manager.contentsOfDirectory(atPath: notes).map { name in
            // Its inode and its path.
            try manager.destinationOfSymbolicLink(atPath: "\(notes)/\(name)").drop { $0 != "/" }
        }
        try "\n".write(toFile: gate, atomically: false, encoding: .utf8)
        #expect(await result.value == .null)
        #expect(noted.count == 2 && noted.contains { $0.hasPrefix("\(stage.directory)/ctx/ctx-") }, "\(noted)")
        #expect(noted.contains { $0.hasPrefix("\(stage.temporary)/") }, "\(noted)")
        #expect(try manager.contentsOfDirectory(atPath: notes) == [])
        #expect(stage.leftovers == [])
    }

    @Test("A user who is not there is named")
    func unknown() async throws {
        let result = await stage.run("true", in: environment, plugin: try stage.plugin(of: "no-such-user"))
        #expect(result.failure?.message.contains("no-such-user") == true, "\(result)")
        #expect(stage.leftovers == [])
    }
}

extension ScriptStage {
    /// Settings of an agent whose operations run as another user, who may enter what it has to.
    fileprivate func settings(of user: String) throws -> ScriptSettings {
        let libexec = directory + "/libexec"
        if !FileManager.default.fileExists(atPath: libexec) {
            try OpenPrograms.copy(["ctx"], to: libexec)
            for path in [directory, temporary, directory + "/ctx"] { #expect(chmod(path, 0o755) == 0) }
            #expect(chmod(work, 0o777) == 0)
        }
        var settings = self.settings()
        settings.environment = OperationProcesses.OperationEnvironment(of: settings.environment, user: user).inherited
        settings.workingDirectory = "/"
        settings.user = user
        settings.ctx = .success(CtxSettings(directory: directory + "/ctx", executable: libexec + "/ctx", user: user))
        return settings
    }

    fileprivate func plugin(of user: String) throws -> ScriptPlugin {
        plugin(try settings(of: user), grace: .milliseconds(300))
    }
}
