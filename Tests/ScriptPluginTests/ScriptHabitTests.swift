import Foundation
import Operative
import OperativeTestKit
import ScriptPlugin
import Testing

/// What scripts do that were not written for tests.
@Suite("Habits of scripts", .timeLimit(.minutes(2)))
struct ScriptHabitTests {
    private let stage: ScriptStage
    private let environment = TestEnvironment(node: "web", properties: ["port": 8080])

    init() throws { stage = try ScriptStage() }

    private func run(_ source: String, _ process: PropertyValue = [:]) async -> OperationResult {
        await stage.run(source, ["process": process], in: environment)
    }

    private func run(file: String, _ process: PropertyValue = [:]) async -> OperationResult {
        await environment.run(
            "script_runner.tasks.run", in: stage.plugin(),
            inputs: ["script_path": .string("file://" + file), "process": process])
    }

    @Test("Results of several lines, of any alphabet, and JSON as text come as they are")
    func results() async {
        #expect(await run("ctx returns \"$(printf 'Grüße\\nzwei 漢字 😀\\n\\nend')\"").value == "Grüße\nzwei 漢字 😀\n\nend")
        #expect(await run(#"ctx returns '{"a": 1}'"#).value == #"{"a": 1}"#)
        #expect(await run(#"ctx returns "@[\"$(ctx node properties port)\", null]""#).value == ["8080", nil])
        #expect(await run("ctx returns '  blanks  '").value == "  blanks  ")
        #expect(await run("ctx returns ''").value == "")
        #expect(await run("ctx returns -- -5").value == "-5")
    }

    @Test("A script that closes its output goes on, and one that writes into the void afterwards ends as it says")
    func closedOutput() async {
        #expect(await run("exec >&- 2>&-; ctx returns closed").value == "closed")
        #expect(await run("exec > /dev/full; echo x || ctx returns full").value == "full")
    }

    @Test("There is nothing to read on standard input, and nobody waits for it")
    func input() async {
        #expect(await run("read line || ctx returns \"nothing $line\"").value == "nothing ")
        #expect(await run("[ -t 0 ] || ctx returns \"$(cat)$(tty)\"").value == "not a tty")
    }

    @Test("Arguments are the shell's words: quotes, variables and patterns mean what they mean there")
    func arguments() async {
        let shown = await run(
            "for word in \"$@\"; do printf '[%s]' \"$word\"; done | { ctx returns \"$(cat)\"; }",
            ["args": ["'a  b'", "\"$WHO\"", "c d", "\\$x", 5, "", "''", "e;echo f"], "env": ["WHO": "me & you"]])
        // The semicolon ends the script's line and begins a command.
        #expect(shown.value == "[a  b][me & you][c][d][$x][5][][e]")
        #expect(environment.logs.contains { $0.message == "<out> f" })
    }

    @Test("A directory and a script may have blanks in their names")
    func blanks() async throws {
        let folder = "\(stage.work)/my folder"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let script = "\(folder)/my script.sh"
        try "#!/bin/sh\nctx returns \"$(basename \"$0\") $(pwd)\"\n".write(
            toFile: script, atomically: true, encoding: .utf8)
        let result = await run(file: script, ["cwd": .string(folder)])
        #expect(result.value == .string("my_script.sh \(folder)"))
    }

    @Test("A prefix may be a command with options, variables before it, or end in a redirection; an empty one is none")
    func prefixes() async throws {
        let script = try stage.file("x", "ctx returns \"$KIND $-\"\n")
        #expect(await run(file: script, ["command_prefix": "KIND=mine sh -u"]).value == "mine u")
        #expect(await run(file: script, ["command_prefix": "KIND=input sh -s <"]).value == "input s")
        let shell = try stage.file("tool.ps1", "#!/bin/sh\nctx returns shell\n")
        #expect(await run(file: shell, ["command_prefix": ""]).value == "shell")
        let missing = await run(file: shell)
        #expect(missing.failure?.message.contains("exit_code: 127") == true && missing.failure?.isRecoverable == true)
    }

    @Test("Lines that end as on Windows break the first line of a script, as everywhere on Unix")
    func windowsLines() async throws {
        let script = try stage.file("dos.sh", "#!/bin/sh\r\nctx returns never\r\n")
        let failure = try #require(await run(file: script).failure)
        #expect(
            failure.message.contains("exit_code: 127") && failure.message.contains("not found"), "\(failure.message)")
        // Without it sh reads them: the carriage return is part of the last word.
        let plain = try stage.file("plain.sh", "ctx returns end\r\n")
        #expect(await run(file: plain).value == "end\r")
        // A path of Windows names a resource that is not there.
        let path = await environment.run(
            "script_runner.tasks.run", in: stage.plugin(), inputs: ["script_path": #"scripts\run.bat"#])
        #expect(path.failure?.type == "ResourceError")
    }

    @Test("A hundred thousand lines without an end, and bytes of any kind, are logged in parts and lose nothing")
    func oddOutput() async {
        #expect(await run("head -c 3000000 /dev/zero | tr '\\0' x").value == .null)
        let parts = environment.logs.map(\.message).filter { $0.hasPrefix("<out> xxx") }
        #expect(parts.map { $0.utf8.count - "<out> ".utf8.count }.reduce(0, +) == 3_000_000)
        #expect(parts.count < 10)
        #expect(await run("head -c 200000 /dev/urandom").value == .null)
        #expect(
            await run("i=0; while [ $i -lt 256 ]; do printf \"\\\\$(printf %o $i)\"; i=$((i+1)); done").value == .null)
        #expect(environment.logs.contains { $0.message.contains("\u{FFFD}") })
    }

    @Test(
        "What a script has left in the background may hold its output open: nobody waits for that, and ctx is gone for it"
    )
    func daemon() async throws {
        let gate = "\(stage.work)/gate"
        let late = "\(stage.work)/late"
        #expect(mkfifo(gate, 0o600) == 0)
        let result = await run(
            """
            (read line < '\(gate)'; ctx node id > '\(late)' 2>&1; echo "status $?" >> '\(late)') &
            ctx returns started
            """)
        #expect(result.value == "started")
        try "\n".write(toFile: gate, atomically: false, encoding: .utf8)
        try await waitUntil { ((try? String(contentsOfFile: late, encoding: .utf8)) ?? "").contains("status ") }
        // Its program is deleted with the operation, so the shell does not find it any more.
        #expect(try String(contentsOfFile: late, encoding: .utf8).hasSuffix("status 127\n"))
    }

    @Test("Options of ctx, and what it says of the other end of a relationship")
    func options() async throws {
        let value = await run(
            """
            set -e
            ctx instance runtime-properties list '@[1, {"k": "v"}, null, true]'
            ctx returns "$(ctx instance runtime-properties list)|$(ctx -j instance runtime_properties list)|\\
            $(ctx --json-output instance runtime-properties 'list[1].k')|$(ctx --json-arg-prefix=% -j instance runtime-properties)"
            """)
        #expect(
            value.value
                == #"[1, {'k': 'v'}, None, True]|[1, {"k": "v"}, null, true]|"v"|{"list": [1, {"k": "v"}, null, true]}"#
        )
        let relationship = TestEnvironment(
            source: TestInstance(node: "web", properties: ["port": 8080]),
            target: TestInstance(node: "db", runtimeProperties: ["ip": "10.0.0.2"]))
        let ends = await stage.run(
            """
            ctx source instance runtime-properties db_ip "$(ctx target instance runtime-properties ip)"
            ctx returns "$(ctx source node properties port) $(ctx target node id) $(ctx source instance runtime-properties db_ip)"
            """, in: relationship)
        #expect(ends.value == "8080 db 10.0.0.2")
        #expect(relationship.runtimeProperties == ["db_ip": "10.0.0.2"])
    }
}
