package import OperationProcesses
package import Operative

/// The operations of Cloudify's script plugin: scripts of any language as operations.
package struct ScriptPlugin: Plugin {
    package static let name = "script"
    package static let version = "1.0"

    /// Ending a whole tree takes as long as its processes take to heed SIGTERM, and a moment for SIGKILL.
    private static let terminationGrace = Duration.seconds(10)

    private let run: ScriptRunner

    /// - Parameters:
    ///   - settings: how scripts are run.
    ///   - processes: what runs them.
    ///   - downloader: what fetches scripts from the web; nil when nothing does.
    ///   - python: what runs those that are Python; nil when nothing does.
    package init(
        _ settings: ScriptSettings, processes: ProcessRunner, downloader: (any ScriptDownloader)? = nil,
        python: (any PythonScripts)? = nil
    ) {
        run = ScriptRunner(settings: settings, processes: processes, downloader: downloader, python: python)
    }

    package var operations: [Operation] {
        let script = Operation("script_runner.tasks.run", inputs: [String: PropertyValue].self) {
            [run] context, inputs in
            try await run.run(context, inputs)
        }
        let workflow = Operation("script_runner.tasks.execute_workflow", inputs: [String: PropertyValue].self) {
            [run] context, inputs in
            try await run.runPython(context, inputs, "A workflow that is a script")
        }
        [script, workflow].map { operation in
            var operation = operation
            operation.terminationGrace = Self.terminationGrace
            operation.limitsItsTime = true
            return operation
        }
    }
}
