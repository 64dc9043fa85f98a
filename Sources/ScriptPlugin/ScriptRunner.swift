import OperationProcesses
import Operative

/// Runs one script operation: decides who runs the script, puts it into a file, and draws the conclusion.
struct ScriptRunner: Sendable {
    let settings: ScriptSettings
    let processes: ProcessRunner
    let downloader: (any ScriptDownloader)?
    let python: (any PythonScripts)?

    /// - Returns: what the script has returned; null when it has returned nothing.
    func run(_ context: OperationContext, _ raw: [String: PropertyValue]) async throws -> PropertyValue {
        let inputs = try ScriptInputs(raw)
        if try await isPython(inputs, context) { return try await runPython(context, raw, "A Python script") }
        return try await TimeLimit.run(of: context) { try await runCommand(context, inputs) }
    }

    private func runCommand(_ context: OperationContext, _ inputs: ScriptInputs) async throws -> PropertyValue {
        let parent = ScriptDirectory.parent(environment: settings.environment)
        let directory = try ScriptDirectory(in: parent, for: settings.user, notedIn: settings.temporaryDirectories)
        defer { directory.remove() }
        let file = try await prepare(inputs.origin, in: directory, context)
        let process = ScriptProcess(
            context: context, settings: settings, runner: processes, options: inputs.process,
            variables: inputs.variables,
            script: file, temporaryDirectory: parent)
        return try await process.run()
    }

    /// Leaves the whole task to Python.
    ///
    /// - Parameter what: the subject of the error when there is none.
    func runPython(
        _ context: OperationContext, _ inputs: [String: PropertyValue], _ what: String
    ) async throws -> PropertyValue {
        guard let python else {
            throw NonRecoverableError(
                "\(what) needs Python with cloudify-common, and this agent has none: set python.interpreter, or run the script as a command with process.eval_python false."
            )
        }
        return try await python.run(context, inputs)
    }

    private func isPython(_ inputs: ScriptInputs, _ context: OperationContext) async throws -> Bool {
        switch ScriptLanguage(inputs.origin, inputs.process.evaluation) {
        case .command: return false
        case .python: return true
        case .pythonIfValid(let source):
            guard let python else {
                throw NonRecoverableError(
                    "Only Python can tell whether script_source is Python, and this agent has none: say so with process.eval_python false, or with a first line such as #!/bin/sh."
                )
            }
            return try await python.isPython(source, context)
        }
    }

    /// Makes the file that is run.
    ///
    /// - Returns: its path.
    private func prepare(
        _ origin: ScriptOrigin, in directory: ScriptDirectory, _ context: OperationContext
    ) async throws -> String {
        if case .file(let source) = origin, directory.isOfAnother {
            let file = "\(directory.path)/\(origin.fileName)"
            try directory.handOver()
            try await ForeignFile.copy(source, to: file, settings, processes, context)
            return file
        }
        let file = try await fetch(origin, into: directory, context)
        try await ScriptFile.makeExecutable(file)
        try directory.handOver(file)
        return file
    }

    /// - Returns: the path of the script's file.
    private func fetch(
        _ origin: ScriptOrigin, into directory: ScriptDirectory, _ context: OperationContext
    ) async throws -> String {
        let file = "\(directory.path)/\(origin.fileName)"
        switch origin {
        case .source(let text): try ScriptFile.write(Array(text.utf8), to: file)
        case .file(let path): try ScriptFile.copy(path, to: file)
        case .resource(let path): return try await context.downloadResource(path, to: file)
        case .web(let url, let authority):
            guard let downloader else {
                throw NonRecoverableError("This agent fetches no scripts from the web: \(url)")
            }
            let status = try await downloader.download(url, to: file, certificateAuthority: authority)
            guard status == 200 else {
                throw NonRecoverableError("Failed downloading script: \(url) (status code: \(status))")
            }
        }
        return file
    }
}
