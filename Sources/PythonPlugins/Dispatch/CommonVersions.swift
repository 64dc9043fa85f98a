internal import Glibc
package import OperationProcesses
internal import Operative
internal import Synchronization

/// The versions of cloudify-common in the environments of this machine, asked for once and again when an environment has changed.
package final class CommonVersions: Sendable {
    /// A file or directory as it was; it changes with what is installed there.
    private struct Mark: Sendable, Hashable {
        let path: String
        let seconds: Int
        let nanoseconds: Int
        let inode: UInt

        /// Nil when there is nothing.
        init?(_ path: String) {
            var status = stat()
            guard unsafe stat(path, &status) == 0 else { return nil }
            self.path = path
            seconds = Int(status.st_mtim.tv_sec)
            nanoseconds = Int(status.st_mtim.tv_nsec)
            inode = UInt(status.st_ino)
        }
    }

    private struct Known: Sendable {
        let version: CommonVersion
        let marks: [Mark]

        var isStillTrue: Bool { marks.allSatisfy { Mark($0.path) == $0 } }
    }

    /// The version, then every directory that modules are looked for in.
    private static let question = """
        import sys
        import importlib.metadata as metadata
        print('version', metadata.version('cloudify-common'))
        print('path', sys.executable)
        for path in sys.path:
            print('path', path)
        """

    private let runner: ProcessRunner
    private let known = Mutex<[String: Known]>([:])

    package init(runner: ProcessRunner) { self.runner = runner }

    /// - Parameters:
    ///   - owner: the key in the journal of the task that wants to know.
    ///   - environment: for the Python that is asked.
    /// - Throws: ``NonRecoverableError`` when there is none.
    package func version(
        in interpreter: String, owner: String, environment: [String: String]
    ) async throws -> CommonVersion {
        if let known = known.withLock({ $0[interpreter] }), known.isStillTrue { return known.version }
        let lines = Mutex<[(OutputChannel, String)]>([])
        let request = ProcessRequest(
            command: [interpreter, "-c", Self.question], environment: environment, owner: owner)
        let end: ProcessEnd
        do {
            end = try await runner.run(
                request, onStart: { _ in }, onLine: { channel, line in lines.withLock { $0.append((channel, line)) } })
        } catch let failure as ProcessFailure {
            throw NonRecoverableError("\(failure) Set python.interpreter to a Python with cloudify-common.")
        }
        let said = lines.withLock { $0 }
        guard end == .exited(0), let version = Self.version(in: said) else {
            try Task.checkCancellation()
            let error = said.last { $0.0 == .error && !$0.1.isEmpty }?.1 ?? "\(end)"
            throw NonRecoverableError(
                "\(interpreter) has no cloudify-common, which runs Python plugins (\(error)). Install it there, or set python.interpreter to a Python that has it."
            )
        }
        let marks = ([interpreter] + Self.words(after: "path ", in: said)).compactMap(Mark.init)
        known.withLock { $0[interpreter] = Known(version: version, marks: marks) }
        return version
    }

    private static func version(in said: [(OutputChannel, String)]) -> CommonVersion? {
        words(after: "version ", in: said).first.flatMap { CommonVersion($0) }
    }

    private static func words(after label: String, in said: [(OutputChannel, String)]) -> [String] {
        said.compactMap { channel, line in
            channel == .output && line.hasPrefix(label) ? String(line.dropFirst(label.count)) : nil
        }
    }
}
