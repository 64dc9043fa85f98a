import CtxService
import Foundation
import OperationProcesses
import Operative
import OperativeTestKit
import ScriptPlugin

/// A place to run scripts in: directories of its own, and a plugin that uses them.
final class ScriptStage: Sendable {
    let directory: String
    let ledger = InMemoryProcessLedger()

    init() throws {
        // Sockets have short paths.
        directory = FileManager.default.temporaryDirectory.path + "/s-\(UInt32.random(in: 0...UInt32.max))"
        for name in ["", "/exec", "/ctx", "/work", "/bin"] {
            try FileManager.default.createDirectory(atPath: directory + name, withIntermediateDirectories: true)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    /// Where scripts' own directories are made.
    var temporary: String { directory + "/exec" }
    /// For files of the test.
    var work: String { directory + "/work" }

    func settings(_ environment: [String: String] = [:]) -> ScriptSettings {
        var all = ["PATH": "\(directory)/bin:/usr/local/bin:/usr/bin:/bin", "TMPDIR": temporary, "HOME": work]
        all.merge(environment) { $1 }
        let ctx = Result { () throws(CtxServiceError) in
            CtxSettings(directory: directory + "/ctx", executable: try CtxExecutable.locate(libexec: nil))
        }
        return ScriptSettings(environment: all, workingDirectory: work, ctx: ctx)
    }

    /// - Parameter grace: how long processes have after SIGTERM.
    func plugin(
        _ settings: ScriptSettings? = nil, grace: Duration = .seconds(5), downloader: (any ScriptDownloader)? = nil,
        python: (any PythonScripts)? = nil
    ) -> ScriptPlugin {
        ScriptPlugin(
            settings ?? self.settings(), processes: ProcessRunner(ledger: ledger, launcher: nil, grace: grace),
            downloader: downloader, python: python)
    }

    /// Runs shell text as an operation.
    func run(
        _ source: String, _ inputs: [String: PropertyValue] = [:], in environment: TestEnvironment,
        plugin: ScriptPlugin? = nil
    ) async -> OperationResult {
        var inputs = inputs
        inputs["script_source"] = .string("#!/bin/sh\n" + source)
        return await environment.run("script_runner.tasks.run", in: plugin ?? self.plugin(), inputs: inputs)
    }

    /// What scripts have left where they are put.
    var leftovers: [String] {
        let manager = FileManager.default
        return ((try? manager.contentsOfDirectory(atPath: temporary)) ?? [])
            + ((try? manager.contentsOfDirectory(atPath: directory + "/ctx")) ?? [])
    }
}

extension ScriptStage {
    /// Puts a program where scripts find it first.
    func install(_ name: String, _ text: String) throws {
        let path = "\(directory)/bin/\(name)"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }

    /// Writes a file into ``work`` and returns its path.
    func file(_ name: String, _ text: String) throws -> String {
        let path = "\(work)/\(name)"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }
}
