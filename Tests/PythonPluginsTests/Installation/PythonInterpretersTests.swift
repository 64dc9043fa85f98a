import Foundation
import OperationProcesses
import Testing

@testable import PythonPlugins

@Suite("Interpreters of the machine", .timeLimit(.minutes(2)))
struct PythonInterpretersTests {
    @Test("One that did not say its version is asked again, and so is one that was replaced")
    func releases() async throws {
        let root = try TemporaryDirectory()
        func write(_ text: String) throws {
            let path = "\(root.path)/python3"
            try Data("#!/bin/sh\necho asked >> '\(root.path)/questions'\n\(text)\n".utf8)
                .write(to: URL(filePath: path), options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }
        let runner = ProcessRunner(ledger: InMemoryProcessLedger(), launcher: nil)
        let interpreters = PythonInterpreters(
            commands: CommandRunner(runner: runner, environment: ["PATH": "\(root.path):/usr/bin:/bin"]))
        let own = InterpreterFacts(
            path: "/elsewhere/python3", release: PythonRelease(2, 0), prefix: "/elsewhere", sitePackages: [])
        func found() async throws -> [PythonRelease] {
            try await interpreters.all(with: own, owner: "test").filter { $0.value.hasPrefix(root.path) }.map(\.key)
        }
        // Fails until there is a file beside it.
        try write("[ -e '\(root.path)/ready' ] && echo Python 3.98.1")
        #expect(try await found() == [])
        try "".write(toFile: "\(root.path)/ready", atomically: false, encoding: .utf8)
        #expect(try await found() == [PythonRelease(3, 98)])
        #expect(try await found() == [PythonRelease(3, 98)])
        try write("echo Python 3.99.1")
        #expect(try await found() == [PythonRelease(3, 99)])
        let questions = try String(contentsOfFile: "\(root.path)/questions", encoding: .utf8)
        #expect(questions == String(repeating: "asked\n", count: 3))
    }
}
