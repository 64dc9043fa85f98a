package import OperationProcesses
package import Operative
import Synchronization

/// Asks Python whether a text is Python, as the original does, which is Python.
package struct PythonSyntaxCheck: Sendable {
    private static let program = """
        import sys
        text = open(sys.argv[1], encoding="utf-8", newline="").read()
        try:
            compile(text, "script", "exec", 0x400, True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            sys.exit(3)
        """

    private let interpreter: String
    private let settings: ScriptSettings
    private let processes: ProcessRunner
    private let known = KnownTexts()

    /// - Parameters:
    ///   - interpreter: the program, looked up in the `PATH` of scripts unless it is a path.
    ///   - settings: those of scripts.
    ///   - processes: what runs it.
    package init(interpreter: String, settings: ScriptSettings, processes: ProcessRunner) {
        self.interpreter = interpreter
        self.settings = settings
        self.processes = processes
    }

    /// Whether the text is Python.
    ///
    /// - Throws: ``NonRecoverableError`` when there is no Python that could tell.
    package func isPython(_ source: String, _ context: OperationContext) async throws -> Bool {
        if let known = known[source] { return known }
        let directory = try ScriptDirectory(
            in: ScriptDirectory.parent(environment: settings.environment), for: settings.user,
            notedIn: settings.temporaryDirectories)
        defer { directory.remove() }
        let file = "\(directory.path)/script"
        try ScriptFile.write(Array(source.utf8), to: file)
        try directory.handOver(file)
        let request = ProcessRequest(
            command: [interpreter, "-I", "-S", "-c", Self.program, file], environment: settings.environment,
            workingDirectory: "/", owner: context.owner, limits: settings.limits, user: settings.user,
            mergesErrorOutput: true)
        let answer = Mutex("")
        let end = try await processes.run(request) { _ in
        } onLine: { _, line in
            answer.withLock { if $0.utf8.count < 4096 { $0 += line + " " } }
        }
        switch end {
        case .exited(0): known[source] = true
        case .exited(3): known[source] = false
        default:
            try Task.checkCancellation()
            throw NonRecoverableError(
                "\(interpreter) cannot tell whether script_source is Python (\(end)): \(answer.withLock { $0 })")
        }
        return end == .exited(0)
    }
}

/// What has been found out about texts before: the scripts of a blueprint come again and again.
private final class KnownTexts: Sendable {
    private let texts = Mutex<[String: Bool]>([:])

    subscript(text: String) -> Bool? {
        get { texts.withLock { $0[text] } }
        set {
            guard text.utf8.count <= 16 << 10 else { return }
            texts.withLock { texts in
                if texts.count >= 64 { texts.removeAll() }
                texts[text] = newValue
            }
        }
    }
}
