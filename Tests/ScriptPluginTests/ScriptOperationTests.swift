import Foundation
import OperationProcesses
import Operative
import OperativeTestKit
import ScriptPlugin
import Synchronization
import Testing

@Suite("Script operations", .timeLimit(.minutes(3)))
struct ScriptOperationTests {
    private let stage: ScriptStage
    private let environment = TestEnvironment(node: "web", properties: ["port": 8080])

    @Test("No other user can read a script, whose text may have secrets in it")
    func directoryIsPrivate() async {
        let result = await stage.run("ctx returns $(stat -c %a \"$(dirname \"$0\")\")", in: environment)
        #expect(result.value.map { "\($0)" }?.contains("700") == true, "\(result)")
    }

    init() throws { stage = try ScriptStage() }

    private func run(_ source: String, _ inputs: [String: PropertyValue] = [:]) async -> OperationResult {
        await stage.run(source, inputs, in: environment)
    }

    // MARK: Conclusions

    @Test("Exit status 0 without a word is success without a result, and nothing is left")
    func plain() async {
        #expect(await run("true").value == .null)
        #expect(stage.leftovers == [])
        #expect(stage.ledger.groups.isEmpty)
    }

    @Test("What the script returns is the result, also when it is an object, a list or a number")
    func returns() async {
        #expect(await run("ctx returns text").value == "text")
        #expect(await run(#"ctx returns '@{"a": [1, 2.5, null]}' '@{}'"#).value == ["a": [1, 2.5, nil]])
        #expect(await run("ctx returns @5").value == 5)
        #expect(await run("ctx returns @null").value == .null)
    }

    @Test("An exit status other than 0 is a recoverable error that shows command, status and output")
    func fails() async throws {
        let failure = try #require(await run("echo one; echo two >&2; ctx returns x; exit 4").failure)
        #expect(failure.isRecoverable && failure.type == "ProcessException")
        let message = failure.message.replacing(/\/[^ ]*script\.sh/, with: "S")
        #expect(message == "command: S, exit_code: 4, stdout: one\n, stderr: two\n")
        // The shell that is given the line reports a script that was killed; when it has become the script, the agent does.
        let killed = try #require(await run("kill -9 $$").failure)
        #expect(killed.message.contains(", exit_code: 137") || killed.message.contains(", exit_code: -9"))
    }

    @Test("Output that nobody logs is shown by the error all the same, unless it was merged")
    func failsUnlogged() async throws {
        let quiet: PropertyValue = ["log_stdout": false, "log_stderr": false]
        let failure = try #require(await run("echo one; echo two >&2; exit 1", ["process": quiet]).failure)
        #expect(failure.message.hasSuffix("stdout: one\n, stderr: two\n"))
        #expect(!environment.logs.contains { $0.message.hasPrefix("<out>") || $0.message.hasPrefix("<err>") })
        #expect(
            environment.logs.contains { $0.message == "log_stdout=False, log_stderr=False, stderr_to_stdout=False" })
        #expect(environment.logs.count { $0.message.hasSuffix("not created; not joining") } == 2)
    }

    @Test("abort fails for good and retry asks for another attempt, whatever the exit status")
    func abortAndRetry() async throws {
        for status in ["0", "7"] {
            let aborted = try #require(await run("ctx abort-operation 'no way'; exit \(status)").failure)
            #expect(!aborted.isRecoverable && aborted.message == "no way" && aborted.type == "NonRecoverableError")
            let retry = try #require(await run("ctx retry-operation later @3; exit \(status)").retry)
            #expect(retry.after == .seconds(3) && retry.message == "later")
        }
        let asked = await run("ctx operation retry later @2")
        #expect(asked.retry?.after == .seconds(2))
        #expect(await run("ctx operation retry later @2; exit 1").failure?.type == "ProcessException")
    }

    @Test(
        "A script that concludes twice fails for good",
        arguments: ["returns b", "abort-operation b", "retry-operation b"])
    func twice(_ second: String) async throws {
        let failure = try #require(await run("ctx returns a; ctx \(second); exit 0").failure)
        #expect(!failure.isRecoverable && failure.message == "ctx may only abort or return once")
    }

    @Test(
        "Odd waits are numbers, or the script is told; nothing traps",
        arguments: [
            ("2", Duration.seconds(2)), ("@2.5", .milliseconds(2500)), ("@-5", .zero),
            ("@315360000", .seconds(315_360_000)),
            ("1e3", .seconds(1000)), ("@null", nil),
        ] as [(String, Duration?)])
    func oddWaits(_ text: String, _ expected: Duration?) async throws {
        let retry = try #require(await run("ctx retry-operation later '\(text)'").retry)
        #expect(retry.after == expected)
    }

    @Test(
        "Waits that are no numbers are errors for the script",
        arguments: ["soon", "@NaN", "@Infinity", "@1e300", "@[1]", "", "@true"])
    func wrongWaits(_ text: String) async throws {
        let result = await run("ctx retry-operation later '\(text)' || exit 9")
        #expect(result.failure?.message.contains("exit_code: 9") == true)
        #expect(result.failure?.message.contains("retry_after") == true)
    }

    @Test("Results that JSON cannot express come back as Python would send them")
    func oddResults() async {
        #expect(await run("ctx returns @NaN").value.map(\.jsonString) == "NaN")
        #expect(await run("ctx returns @1e999").value == .double(.infinity))
        #expect(await run("ctx returns @12345678901234567890123").value == .double(12_345_678_901_234_567_741_440))
    }

    // MARK: How it is run

    @Test("A script needs no shebang, may be of any interpreter, and gets arguments, prefix and directory")
    func waysToRun() async throws {
        let plain = try stage.file("plain", "ctx returns \"plain $1\"\n")
        let shebang = try stage.file("tool.pl", "#!/usr/bin/perl\nsystem('ctx', 'returns', \"perl $ARGV[0]\");\n")
        func run(_ path: String, _ process: PropertyValue) async -> OperationResult {
            await environment.run(
                "script_runner.tasks.run", in: stage.plugin(),
                inputs: ["script_path": .string("file://" + path), "process": process])
        }
        #expect(await run(plain, ["args": ["a"]]).value == "plain a")
        #expect(await run(shebang, ["args": ["b"]]).value == "perl b")
        #expect(await run(plain, ["command_prefix": "/bin/sh -x", "args": ["c"]]).value == "plain c")
        #expect(environment.logs.contains { $0.message.hasPrefix("<err> + ctx returns") })
        #expect(await self.run("ctx returns $(pwd)", ["process": ["cwd": "/usr"]]).value == "/usr")
        #expect(await self.run("ctx returns $(pwd)").value == .string(stage.work))
        let missing = await self.run("true", ["process": ["cwd": "/nowhere"]])
        #expect(missing.failure?.message == "cannot run the script in process.cwd /nowhere: No such file or directory")
    }

    @Test("Without ctx the script has none, and its URL is empty; another kind of ctx is refused")
    func proxies() async {
        let none = await run(#"[ -z "$CTX_SOCKET_URL" ] && ! command -v ctx"#, ["process": ["ctx_proxy_type": "none"]])
        #expect(none.value == .null)
        let unknown = await run("true", ["process": ["ctx_proxy_type": "zmq"]])
        #expect(unknown.failure?.message == "Unsupported proxy type: zmq" && unknown.failure?.isRecoverable == false)
    }

    @Test("A Python script without Python fails for good and says what to do")
    func noPython() async throws {
        let result = await environment.run(
            "script_runner.tasks.run", in: stage.plugin(), inputs: ["script_path": "a/b.py"])
        #expect(result.failure?.isRecoverable == false)
        #expect(result.failure?.message.contains("python.interpreter") == true)
        let undecided = await environment.run(
            "script_runner.tasks.run", in: stage.plugin(), inputs: ["script_source": "x = 1"])
        #expect(undecided.failure?.message.contains("eval_python") == true)
    }

    @Test("Python is asked whether undecided text is Python, once for each text")
    func syntax() async throws {
        let settings = stage.settings()
        let check = PythonSyntaxCheck(
            interpreter: "python3", settings: settings, processes: ProcessRunner(ledger: stage.ledger, launcher: nil))
        let context = environment.context()
        #expect(try await check.isPython("x = 1", context))
        #expect(try await !check.isPython("for x in a; do ls; done", context))
        #expect(try await check.isPython("ls -l", context))
        try stage.install("python3", "#!/bin/sh\nexit 9\n")
        #expect(try await check.isPython("x = 1", context))
        await #expect(throws: NonRecoverableError.self) { try await check.isPython("x = 2", context) }
        #expect(stage.leftovers == [])
    }

    @Test("A script that cannot be had is an error of its own, and nothing is left")
    func missingScripts() async {
        let file = await environment.run(
            "script_runner.tasks.run", in: stage.plugin(), inputs: ["script_path": "file:///nowhere/x.sh"])
        #expect(file.failure?.message == "cannot read /nowhere/x.sh: No such file or directory")
        let resource = await environment.run(
            "script_runner.tasks.run", in: stage.plugin(), inputs: ["script_path": "no/such.sh"])
        #expect(resource.failure?.type == "ResourceError")
        #expect(stage.leftovers == [])
    }

    @Test("A script from the web runs when its status is exactly 200")
    func web() async {
        let plugin = stage.plugin(downloader: Web())
        let good = await environment.run(
            "script_runner.tasks.run", in: plugin,
            inputs: ["script_path": "https://h/good.sh", "ssl_cert_content": "PEM"])
        #expect(good.value == "from PEM")
        let bad = await environment.run(
            "script_runner.tasks.run", in: plugin, inputs: ["script_path": "http://h/bad.sh"])
        #expect(bad.failure?.message == "Failed downloading script: http://h/bad.sh (status code: 204)")
        #expect(bad.failure?.isRecoverable == false)
    }

    // MARK: Output

    @Test("Lines are logged while the script runs")
    func streaming() async throws {
        let gate = "\(stage.work)/gate"
        #expect(mkfifo(gate, 0o600) == 0)
        async let result = run("echo first; read line < '\(gate)'; echo \"$line\"")
        try await waitUntil { environment.logs.contains { $0.message == "<out> first" } }
        try "second\n".write(toFile: gate, atomically: false, encoding: .utf8)
        #expect(await result.value == .null)
        #expect(environment.logs.contains { $0.message == "<out> second" })
    }

    @Test("Partial lines, carriage returns and bytes that are no UTF-8 are logged")
    func oddLines() async {
        _ = await run(#"printf 'a\r\n\377b\n\nend'"#)
        let lines = environment.logs.map(\.message).filter { $0.hasPrefix("<out>") }
        #expect(lines == ["<out> a", "<out> \u{FFFD}b", "<out> ", "<out> end"])
    }

    @Test("An error shows the beginning and the end of a flood, and how much is missing")
    func flood() async throws {
        let process: PropertyValue = ["log_stdout": false]
        let result = await run(
            "i=0; while [ $i -lt 20000 ]; do echo \"line $i\"; i=$((i+1)); done; exit 1", ["process": process])
        let message = try #require(result.failure?.message)
        #expect(message.utf8.count < 70_000)
        #expect(message.contains("stdout: line 0\nline 1\n") && message.hasSuffix("line 19999\n"))
        #expect(message.contains(/\[\.\.\. [0-9]+ bytes left out \.\.\.\]/))
    }

    @Test("The log says again and again that a script still runs")
    func waiting() async throws {
        var settings = stage.settings()
        settings.waitingNotice = .milliseconds(20)
        let gate = "\(stage.work)/gate"
        #expect(mkfifo(gate, 0o600) == 0)
        async let result = stage.run("read line < '\(gate)'", in: environment, plugin: stage.plugin(settings))
        try await waitUntil {
            environment.logs.count { $0.message.wholeMatch(of: /Waiting for process [0-9]+ to end\.\.\./) != nil } > 1
        }
        try "\n".write(toFile: gate, atomically: false, encoding: .utf8)
        #expect(await result.value == .null)
    }

    // MARK: Security

    @Test("A script sees none of the agent's secrets")
    func secrets() async throws {
        let own = [
            "OPERATIVE_BROKER_PASSWORD": "hunter2", "OPERATIVE_CONFIG": "/x", "NOTIFY_SOCKET": "/run/hunter2",
            "CREDENTIALS_DIRECTORY": "/hunter2", "PATH": "/usr/bin:/bin", "KEPT": "yes",
        ]
        var settings = stage.settings()
        settings.environment = OperationProcesses.OperationEnvironment(of: own).inherited
        let result = await stage.run("ctx returns \"$(env)\"", in: environment, plugin: stage.plugin(settings))
        let text = try #require(result.value?.stringValue)
        #expect(text.contains("KEPT=yes") && !text.contains("hunter2"))
        #expect(!text.contains(/OPERATIVE_(BROKER|CONFIG)/))
    }

    @Test("The name of a script cannot smuggle commands into the shell's line")
    func names() async throws {
        var manager = TestManager()
        manager.resources = ["x/$(touch owned);`touch owned`.sh": "#!/bin/sh\nctx returns fine\n"]
        let environment = TestEnvironment(TestInstance(node: "web"), manager: manager)
        let result = await environment.run(
            "script_runner.tasks.run", in: stage.plugin(), inputs: ["script_path": "x/$(touch owned);`touch owned`.sh"])
        #expect(result.value == "fine")
        #expect(!FileManager.default.fileExists(atPath: stage.work + "/owned"))
    }
}

/// Knows one script.
private struct Web: ScriptDownloader {
    func download(_ url: String, to file: String, certificateAuthority: String?) async throws -> Int {
        guard url == "https://h/good.sh" else { return 204 }
        try "#!/bin/sh\nctx returns 'from \(certificateAuthority ?? "")'\n".write(
            toFile: file, atomically: true, encoding: .utf8)
        return 200
    }
}

/// Waits for something that another task brings about.
func waitUntil(_ condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(60)
    while try await !condition() {
        try #require(ContinuousClock.now < end, "it did not come about within 60 s")
        try await Task.sleep(for: .milliseconds(5))
    }
}
