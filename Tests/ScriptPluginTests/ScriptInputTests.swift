import Operative
import Testing

@testable import ScriptPlugin

@Suite("Inputs of a script operation")
struct ScriptInputTests {
    @Test(
        "Wrong inputs fail for good and name the input",
        arguments: [
            ([:], "Either script_path or script_source must be provided"),
            (["script_path": nil], "Either script_path or script_source must be provided"),
            (["script_path": "a", "script_source": "b"], "Only provide script_path or script_source, not both"),
            (["script_path": 5], "input 'script_path': expected a string, found an integer"),
            (["script_source": ["a"]], "input 'script_source': expected a string, found an array"),
            (["script_source": ""], "script_path or script_source is empty"),
            (["script_path": "a", "process": "x"], "input 'process': expected an object, found a string"),
            (
                ["script_path": "a", "process": ["env": ["a"]]],
                "input 'process.env': expected an object, found an array"
            ),
            (["script_path": "a", "process": ["args": "x"]], "input 'process.args': expected a list, found a string"),
            (
                ["script_path": "a", "process": ["args": ["x", ["y"]]]],
                "input 'process.args[1]': expected a string, found an array"
            ),
            (["script_path": "a", "process": ["cwd": 1]], "input 'process.cwd': expected a string, found an integer"),
            (
                ["script_path": "a", "process": ["eval_python": "yes"]],
                "input 'process.eval_python': expected true or false, found a string"
            ),
            (["script_path": "a", "a=b": 1], "input 'a=b' cannot be an environment variable: its name is not allowed"),
            (["script_path": "a", "": 1], "input '' cannot be an environment variable: its name is not allowed"),
            (
                ["script_path": "a", "x": "\u{0}"],
                "input 'x' cannot be an environment variable: it contains a NUL character"
            ),
            (
                ["script_path": "a", "x": .string(String(repeating: "y", count: 131_069))],
                "input 'x' cannot be an environment variable: it takes 131071 bytes, at most 131070 are possible"
            ),
        ] as [([String: PropertyValue], String)])
    func wrong(_ inputs: [String: PropertyValue], _ message: String) {
        #expect {
            try ScriptInputs(inputs)
        } throws: {
            "\($0)" == message
        }
    }

    @Test(
        "process.env comes before inputs, inputs before the agent's environment, and what is the runner's own is left out"
    )
    func environment() throws {
        let inputs = try ScriptInputs([
            "script_path": "a", "process": ["env": ["EXTRA": ["k": "v"], "num": 9]], "num": 4, "none": nil,
            "flag": true, "ctx": 1,
            "ssl_cert_content": "x", "HOME": "/other",
        ])
        #expect(
            inputs.variables == ["EXTRA": #"{"k": "v"}"#, "num": "9", "none": "None", "flag": "true", "HOME": "/other"])
        let environment = ScriptEnvironment.complete(
            base: ["HOME": "/home", "PATH": "/bin", "CTX_SOCKET_URL": "old"], execution: ["E": "1"],
            variables: inputs.variables,
            temporaryDirectory: "/t", ctx: (["CTX_SOCKET_URL": "http://x"], "/ctx"))
        #expect(environment["HOME"] == "/other" && environment["E"] == "1")
        #expect(environment["PATH"] == "/ctx:/bin")
        #expect(environment["TMPDIR"] == "/t")
        #expect(environment["CTX_SOCKET_URL"] == "http://x")
    }

    @Test("TMPDIR stays as it is set; without ctx its URL is empty and PATH as it was")
    func withoutCtx() {
        let environment = ScriptEnvironment.complete(
            base: ["TMPDIR": "/mine", "PATH": "/bin"], variables: [:], temporaryDirectory: "/t", ctx: nil)
        #expect(environment == ["TMPDIR": "/mine", "PATH": "/bin", "CTX_SOCKET_URL": ""])
        let empty = ScriptEnvironment.complete(
            base: ["PATH": ""], variables: [:], temporaryDirectory: "/t", ctx: ([:], "/ctx"))
        #expect(empty["PATH"] == "/ctx")
    }

    @Test(
        "A path says where the script comes from, and gives its file a name that a shell takes as it is",
        arguments: [
            ("scripts/a.sh", .resource(path: "scripts/a.sh"), "a.sh"),
            ("http://h/x/b.py?v=1 2", .web(url: "http://h/x/b.py?v=1 2", certificateAuthority: nil), "b.py_v=1_2"),
            ("https://h/", .web(url: "https://h/", certificateAuthority: nil), "script"),
            ("file:///opt/c.rb", .file(path: "/opt/c.rb"), "c.rb"), ("file", .resource(path: "file"), "file"),
            (#"dir\d.ps1"#, .resource(path: #"dir\d.ps1"#), "d.ps1"), ("a/..", .resource(path: "a/.."), "script"),
            ("$(reboot).sh", .resource(path: "$(reboot).sh"), "__reboot_.sh"),
            ("ftp://h/e", .resource(path: "ftp://h/e"), "e"),
        ] as [(String, ScriptOrigin, String)])
    func origin(_ path: String, _ expected: ScriptOrigin, _ name: String) {
        let origin = ScriptOrigin(path: path, certificateAuthority: nil)
        #expect(origin == expected)
        #expect(origin.fileName == name)
    }

    @Test("Prefix, script and arguments are joined as they are; .ps1 has a prefix of its own")
    func command() throws {
        let process = try ProcessOptions(["args": ["a", "b c", 5], "command_prefix": "/bin/bash"])
        #expect(ScriptCommand.line(script: "/t/x.sh", process: process) == "/bin/bash /t/x.sh a b c 5")
        #expect(ScriptCommand.line(script: "/t/x.PS1", process: ProcessOptions()) == "powershell /t/x.PS1")
        #expect(ScriptCommand.line(script: "/t/x", process: ProcessOptions()) == "/t/x")
    }

    @Test("Python is what is called so, what is to be evaluated, and text that Python takes for Python")
    func language() {
        func language(_ path: String, _ evaluation: ProcessOptions.Evaluation = .asItIs) -> ScriptLanguage {
            ScriptLanguage(.resource(path: path), evaluation)
        }
        #expect(language("a.py") == .python && language("a.PY") == .python && language("a.sh", .byPython) == .python)
        #expect(
            language("a.py", .byCommand) == .command && language("a.pyc") == .command && language(".py") == .command)
        #expect(ScriptLanguage(.source("x = 1"), .asItIs) == .pythonIfValid(source: "x = 1"))
        #expect(ScriptLanguage(.source("echo a"), .asItIs) == .command)
        #expect(ScriptLanguage(.source("#!/bin/sh\nls"), .asItIs) == .command)
        #expect(ScriptLanguage(.source("x = 1"), .byCommand) == .command)
        #expect(ScriptLanguage(.source("echo a"), .byPython) == .python)
    }

    @Test("Long output is kept at both ends, and what is missing is said; characters stay whole")
    func keptOutput() {
        var output = KeptOutput(headLimit: 6, tailLimit: 8)
        for part in ["abc", "deé", "12345"] { output.append(part) }
        #expect(output.text == "abcdeé12345".description)
        for _ in 0..<10 { output.append("éé") }
        let text = output.text
        #expect(text == "abcde\n[... 39 bytes left out ...]\néééé")
        #expect("abcde".utf8.count + 39 + "éééé".utf8.count == "abcdeé12345".utf8.count + 40)
    }
}
