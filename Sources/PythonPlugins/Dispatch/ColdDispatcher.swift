package import OperationProcesses

/// Starts Python for each operation.
package struct ColdDispatcher: PythonDispatcher {
    private let runner: ProcessRunner

    package init(runner: ProcessRunner) { self.runner = runner }

    package func run(
        _ request: DispatchRequest, onStart: @escaping @Sendable (RunningProcess) async -> Void
    ) async throws -> ProcessEnd {
        var environment = request.environment
        if let scratch = request.scratch { environment[ScratchDirectory.variable] = scratch }
        var process = ProcessRequest(
            command: [request.interpreter, "-u", "-m", "cloudify.dispatch", request.directory],
            environment: environment, owner: request.owner, limits: request.limits, user: request.user,
            mergesErrorOutput: true)
        process.reachedLimits = request.reachedLimits
        return try await runner.run(process, outputTo: request.logFile, onStart: onStart)
    }
}
