import Operative
import Testing

@testable import ScriptPlugin

@Suite("Texts of scripts")
struct ScriptTextTests {
    @Test(
        "In the environment a value is what str() gives, and JSON for lists, mappings and booleans",
        arguments: [
            (PropertyValue.null, "None"), (true, "true"), (false, "false"), (4, "4"), (-7, "-7"), (1.5, "1.5"),
            (2.0, "2.0"),
            (.double(1e16), "1e+16"), (.double(9_007_199_254_740_994), "9007199254740994.0"),
            (.double(1.8e16), "1.8e+16"),
            (.double(9.5e15), "9500000000000000.0"), (.double(1e22), "1e+22"), (.double(1e-5), "1e-05"),
            (.double(0.0001), "0.0001"),
            (.double(-.infinity), "-inf"), (.double(.nan), "nan"), ("", ""), ("two words", "two words"),
            ([1, "two", nil, false], #"[1, "two", null, false]"#), (["a": ["k": "v"]], #"{"a": {"k": "v"}}"#),
            ([.double(.nan), .double(.infinity)], "[NaN, Infinity]"),
            (["é\u{1F600}\u{7F}\u{8}\"\\\n"], #"["\u00e9\ud83d\ude00\u007f\b\"\\\n"]"#),
        ] as [(PropertyValue, String)])
    func environmentText(_ value: PropertyValue, _ expected: String) {
        #expect(EnvironmentText.of(value) == expected)
    }

    @Test(
        "The blanks that all lines begin with are removed",
        arguments: [
            ("  a\r\n  b\n \n", "a\r\nb\n\n"), ("\n   \n  a\n\tb", "\n\n  a\n\tb"), ("  a\n    b\n", "a\n  b\n"),
            ("", ""),
            ("a\n  b", "a\n  b"), ("    a\n\n      b\n    c", "a\n\n  b\nc"), ("\ta\n\t\tb", "a\n\tb"),
        ])
    func dedented(_ text: String, _ expected: String) {
        #expect(dedent(text) == expected)
    }

    @Test(
        "Text that begins as commands do is known not to be Python",
        arguments: ["ctx returns x", "\n# about\necho \"a\"", "echo 'x'", "sleep 5", "echo $HOME", "exit 3\nx = 1"])
    func excluded(_ source: String) { #expect(PythonSyntax.isExcluded(source)) }

    @Test(
        "Everything that may be Python is left to Python",
        arguments: [
            "import os", "from a import b", "x = 1", "ls", "ls -l", "touch /tmp/x", "a if b else c", "x in y", "x is y",
            "x not in y",
            "print x", "match x:\n  case 1: pass", "type X = int", "not x", "lambda x: x", "", "# only", "\"text\"",
            "f(x)", "é x",
            "   echo a", "x and y", "raise ValueError", "with a: pass", "async def f(): pass",
        ])
    func notExcluded(_ source: String) {
        #expect(!PythonSyntax.isExcluded(source))
    }

    @Test("The first line names the interpreter")
    func interpreter() {
        #expect(PythonSyntax.interpreter(of: "#! /bin/bash -e\nx") == "/bin/bash -e")
        #expect(PythonSyntax.interpreter(of: "\n#!/bin/bash") == nil)
        for python in ["/usr/bin/python", "/usr/bin/env python3", "/usr/bin/env -S A=b python3 -u", "/opt/pypy3"] {
            #expect(PythonSyntax.isPython(interpreter: python))
        }
        for other in ["/bin/sh", "/usr/bin/env bash", "/usr/bin/env"] {
            #expect(!PythonSyntax.isPython(interpreter: other))
        }
    }
}
