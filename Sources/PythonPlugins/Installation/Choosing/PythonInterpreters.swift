internal import Operative
internal import Synchronization

/// The interpreters of this machine. Each is asked once, and again when it is another file.
package final class PythonInterpreters: Sendable {
    private struct Known {
        let stamp: FileStamp
        let interpreter: InterpreterFacts
    }

    private static let question = """
        import json, os, site, sys
        print(json.dumps([sys.version_info[0], sys.version_info[1], sys.prefix,
                          [path for path in getattr(site, 'getsitepackages', lambda: [])() if os.path.isdir(path)]]))
        """

    private let commands: CommandRunner
    private let turns = AsyncTurns()
    private let known = Mutex<[String: Known]>([:])
    private let releases = Mutex<[String: (stamp: FileStamp, release: PythonRelease)]>([:])

    /// - Parameter commands: how interpreters are started.
    package init(commands: CommandRunner) { self.commands = commands }

    /// What an interpreter says about itself.
    ///
    /// - Parameters:
    ///   - program: a path, or a name to look for in `PATH`.
    ///   - owner: for whom it is asked, in the words of the journal.
    /// - Throws: ``NonRecoverableError`` when there is no such interpreter, or it is none.
    package func interpreter(_ program: String, owner: String) async throws -> InterpreterFacts {
        guard let path = path(of: program) else {
            throw NonRecoverableError(
                "There is no Python interpreter '\(program)': install Python 3 with pip, wagon and cloudify-common, or name one in the setting python.interpreter."
            )
        }
        return try await turns.withTurn(path) {
            let stamp = FileStamp(path)
            if let known = known.withLock({ $0[path] }), known.stamp == stamp { return known.interpreter }
            let interpreter = try await ask(path, owner)
            known.withLock { $0[path] = Known(stamp: stamp, interpreter: interpreter) }
            return interpreter
        }
    }

    /// The interpreters that a plugin may be run with, by their version: the agent's own, and those of the same name in `PATH`.
    func all(with own: InterpreterFacts, owner: String) async throws -> [PythonRelease: String] {
        var found = [own.release: own.path]
        let name = own.path.split(separator: "/").last.map { String($0) } ?? "python"
        for directory in directories {
            let path = "\(PluginFiles.absolute(directory))/\(name)"
            guard PluginFiles.isExecutable(path), let release = try await release(of: path, owner) else { continue }
            if found[release] == nil { found[release] = path }
        }
        return found
    }

    private var directories: [String] {
        (commands.variable("PATH") ?? "").split(separator: ":").map { String($0) }.filter { PluginFiles.exists($0) }
    }

    private func path(of program: String) -> String? {
        if program.contains("/") { return PluginFiles.isExecutable(program) ? program : nil }
        return directories.lazy.map { "\($0)/\(program)" }.first { PluginFiles.isExecutable($0) }
    }

    /// Nil for a program that does not say which Python it is; that is asked again, since it may only have failed this time.
    private func release(of path: String, _ owner: String) async throws -> PythonRelease? {
        let stamp = FileStamp(path)
        if let known = releases.withLock({ $0[path] }), known.stamp == stamp { return known.release }
        let result = try await commands.run([path, "--version"], owner: owner)
        // Python 2 says it on standard error.
        let line = result.output.isEmpty ? result.errorOutput : result.output
        guard result.isSuccess, let release = PythonRelease(versionLine: line) else { return nil }
        releases.withLock { $0[path] = (stamp, release) }
        return release
    }

    private func ask(_ path: String, _ owner: String) async throws -> InterpreterFacts {
        let result = try await commands.run([path, "-c", Self.question], owner: owner)
        guard result.isSuccess, let answer = try? PropertyValue(json: Array(result.output.utf8)),
            let fields = answer.arrayValue, fields.count == 4, let major = fields[0].intValue,
            let minor = fields[1].intValue, let prefix = fields[2].stringValue
        else {
            throw NonRecoverableError(
                "\(path) is no Python interpreter that can be used: \(result.lastComplaint.prefix(300))")
        }
        return InterpreterFacts(
            path: path, release: PythonRelease(major, minor), prefix: prefix,
            sitePackages: (fields[3].arrayValue ?? []).compactMap(\.stringValue))
    }
}
