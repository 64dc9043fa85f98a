package import OperationProcesses

/// Runs the programs that an installation consists of.
package struct CommandRunner: Sendable {
    private static let outputLimit = 64 << 10

    private let runner: ProcessRunner
    private let environment: [String: String]

    /// - Parameter environment: what every program gets: the agent's environment without its secrets.
    package init(runner: ProcessRunner, environment: [String: String]) {
        self.runner = runner
        self.environment = environment
    }

    /// A variable that every program gets.
    func variable(_ name: String) -> String? { environment[name] }

    /// Runs a program to its end. Cancelling the task ends it with all that it has started.
    ///
    /// - Parameters:
    ///   - temporary: where the program puts temporary files; nil for where it likes.
    ///   - owner: for whom it runs, in the words of the journal.
    /// - Throws: `CancellationError`; ``PluginInstallationError`` when it cannot be started.
    func run(
        _ command: [String], in directory: String? = nil, temporary: String? = nil, owner: String
    ) async throws -> CommandResult {
        try Task.checkCancellation()
        var environment = environment
        if let temporary { environment["TMPDIR"] = temporary }
        let request = ProcessRequest(
            command: command, environment: environment, workingDirectory: directory, owner: owner)
        let collected = CollectedOutput(limit: Self.outputLimit)
        do {
            let end = try await runner.run(
                request, onStart: { _ in }, onLine: { channel, line in collected.add(line, from: channel) })
            try Task.checkCancellation()
            return CommandResult(
                end: end, output: collected.text(of: .output), errorOutput: collected.text(of: .error))
        } catch let error as CancellationError {
            throw error
        } catch {
            try Task.checkCancellation()
            throw PluginInstallationError("\(command.first ?? "") cannot be run: \(error)")
        }
    }
}
