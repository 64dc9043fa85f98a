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

    /// The version of cloudify-common.
    ///
    /// - Parameters:
    ///   - interpreter: the path of a Python.
    ///   - owner: for whom it is asked, in the words of the journal.
    /// - Throws: ``NonRecoverableError`` when there is none, or no Python that works; or `CancellationError`.
    package func version(of interpreter: String, owner: String) async throws -> CommonVersion {
        let version: CommonVersion?
        do {
            version = try await known(interpreter, owner).version
        } catch let error as PluginInstallationError {
            throw Self.missing(interpreter, "\(error)")
        }
        guard let version else { throw Self.missing(interpreter, "it does not find the package") }
        return version
    }

    private static func missing(_ interpreter: String, _ reason: String) -> NonRecoverableError {
        NonRecoverableError(
            "\(interpreter) has no cloudify-common, which runs Python plugins (\(reason)). Install it there, or set python.interpreter to a Python that has it."
        )
    }

    private func known(_ interpreter: String, _ owner: String) async throws -> Known {
        if let known = current(interpreter) { return known }
        return try await turns.withTurn(interpreter) {
            if let known = current(interpreter) { return known }
            let found = try await ask(interpreter, owner)
            known.withLock { $0[interpreter] = found }
            return found
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
        else { throw PluginInstallationError("\(result.lastComplaint.prefix(300))") }
        var stamps = [interpreter: before]
        for path in (fields[1].arrayValue ?? []).compactMap(\.stringValue) { stamps[path] = FileStamp(path) }
        return Known(stamps: stamps, version: fields[0].stringValue.flatMap { CommonVersion($0) })
    }
}
