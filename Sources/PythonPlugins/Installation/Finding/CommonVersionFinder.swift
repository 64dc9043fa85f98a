internal import Operative
internal import Synchronization

/// Finds out which cloudify-common an interpreter has. It is asked once, and again when something was installed or removed where it looks.
package final class CommonVersionFinder: Sendable {
    private struct Known {
        /// Where the interpreter looks for packages, with what was there.
        let stamps: [String: FileStamp]
        let version: CommonVersion?
    }

    /// Also understood by Python 2, in which older plugins' environments may be.
    private static let question = """
        import json, sys
        def find():
            for name in ('cloudify-common', 'cloudify-plugins-common'):
                try:
                    try:
                        from importlib.metadata import version
                        return version(name)
                    except ImportError:
                        import pkg_resources
                        return pkg_resources.get_distribution(name).version
                except Exception:
                    pass
        print(json.dumps([find(), [path for path in sys.path if path]]))
        """

    private let commands: CommandRunner
    private let turns = AsyncTurns()
    private let known = Mutex<[String: Known]>([:])

    /// - Parameter commands: how interpreters are started.
    package init(commands: CommandRunner) { self.commands = commands }

    /// The version of cloudify-common; nil when there is none.
    ///
    /// - Parameters:
    ///   - interpreter: the path of a Python.
    ///   - owner: for whom it is asked, in the words of the journal.
    /// - Throws: ``PluginInstallationError`` when it is no Python that works, or `CancellationError`.
    package func version(of interpreter: String, owner: String) async throws -> CommonVersion? {
        if let known = current(interpreter) { return known.version }
        return try await turns.withTurn(interpreter) {
            if let known = current(interpreter) { return known.version }
            let found = try await ask(interpreter, owner)
            known.withLock { $0[interpreter] = found }
            return found.version
        }
    }

    private func current(_ interpreter: String) -> Known? {
        guard let known = known.withLock({ $0[interpreter] }),
            known.stamps.allSatisfy({ FileStamp($0.key) == $0.value })
        else { return nil }
        return known
    }

    private func ask(_ interpreter: String, _ owner: String) async throws -> Known {
        let before = FileStamp(interpreter)
        let result = try await commands.run([interpreter, "-c", Self.question], owner: owner)
        guard result.isSuccess, let answer = try? PropertyValue(json: Array(result.output.utf8)),
            let fields = answer.arrayValue, fields.count == 2
        else { throw PluginInstallationError("\(interpreter) does not work: \(result.lastComplaint.prefix(300))") }
        var stamps = [interpreter: before]
        for path in (fields[1].arrayValue ?? []).compactMap(\.stringValue) { stamps[path] = FileStamp(path) }
        return Known(stamps: stamps, version: fields[0].stringValue.flatMap { CommonVersion($0) })
    }
}
