import Subprocess
import SystemPackage

/// Runs programs for operations, each in a process group of its own.
package struct ProcessRunner: Sendable {
    private let ledger: any ProcessLedger
    private let launcher: String?
    private let grace: Duration

    /// - Parameters:
    ///   - launcher: The path of `operation-launcher`; nil to look for it where the agent's own program is.
    ///   - grace: How long a tree that is ended has between SIGTERM and SIGKILL.
    package init(ledger: any ProcessLedger, launcher: String?, grace: Duration = .seconds(5)) {
        self.ledger = ledger
        self.launcher = launcher
        self.grace = grace
    }

    package func run(
        _ request: ProcessRequest, onStart: @Sendable (RunningProcess) async -> Void,
        onLine: @Sendable @escaping (OutputChannel, String) async -> Void
    ) async throws -> ProcessEnd {
        let result = try await Subprocess.run(
            configuration(request), input: .none, output: .sequence, error: .sequence
        ) { execution in
            await onStart(RunningProcess(pid: execution.processIdentifier.value))
            let merged = request.mergesErrorOutput
            try await withThrowingTaskGroup { group in
                group.addTask {
                    for try await line in execution.standardOutput.strings() { await onLine(.output, line) }
                }
                group.addTask {
                    for try await line in execution.standardError.strings() {
                        await onLine(merged ? .output : .error, line)
                    }
                }
                try await group.waitForAll()
            }
        }
        return end(result.terminationStatus)
    }

    package func run(
        _ request: ProcessRequest, outputTo file: String?, onStart: @Sendable (RunningProcess) async -> Void
    ) async throws -> ProcessEnd {
        let output = try FileDescriptor.open(
            FilePath(file ?? "/dev/null"), .writeOnly, options: [.append, .create, .closeOnExec],
            permissions: [.ownerReadWrite])
        let result = try await Subprocess.run(
            configuration(request), input: .none, output: .fileDescriptor(output, closeAfterSpawningProcess: true),
            error: .combinedWithOutput
        ) { execution in
            await onStart(RunningProcess(pid: execution.processIdentifier.value))
        }
        return end(result.terminationStatus)
    }

    private func configuration(_ request: ProcessRequest) throws -> Configuration {
        guard let program = request.command.first else { throw ProcessFailure("The command is empty.") }
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: grace)]
        return Configuration(
            executable: program.contains("/") ? .path(FilePath(program)) : .name(program),
            arguments: Arguments(Array(request.command.dropFirst())),
            environment: .custom(
                Dictionary(
                    uniqueKeysWithValues: request.environment.compactMap { name, value in
                        Environment.Key(rawValue: name).map { ($0, value) }
                    })),
            workingDirectory: request.workingDirectory.map { FilePath($0) },
            platformOptions: options)
    }

    private func end(_ status: TerminationStatus) -> ProcessEnd {
        switch status {
        case .exited(let code): .exited(code)
        case .signaled(let signal): .signalled(signal)
        }
    }
}
