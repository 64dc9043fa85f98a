package import AgentExecutors
internal import AgentProtocol
internal import OperationProcesses
package import Operative

/// Operations that plugins in Python have: whatever a task asks for that no native plugin offers.
///
/// The dispatched process does for itself what the agent does around native operations: it evaluates inputs, saves runtime properties, sends
/// log records and events, and refuses to resume a function that is not declared resumable.
package struct PythonOperations: Sendable {
    private let environments: any PluginEnvironments
    private let dispatcher: any PythonDispatcher
    private let versions: CommonVersionFinder
    private let settings: PythonSettings
    private let timers: TimerThread
    /// Waiting for processes is no work; it must only not depend on threads where plugins can sit.
    private let threads = ThreadPool(name: "op-python", limit: 2)

    package init(
        environments: any PluginEnvironments, dispatcher: any PythonDispatcher, versions: CommonVersionFinder,
        settings: PythonSettings, timers: TimerThread
    ) {
        self.environments = environments
        self.dispatcher = dispatcher
        self.versions = versions
        self.settings = settings
        self.timers = timers
    }

    /// The operation for a task that no registered one is for.
    package func operation(for task: TaskDescription) -> Operation {
        // Whether it can be resumed is for the function to say, in its own process.
        var operation = Operation(name: task.taskName, resumable: true) { [self] context, _ in try await run(context) }
        operation.evaluatesInputsItself = true
        operation.limitsItsTime = true
        operation.answersAfterCancellation = true
        operation.terminationGrace = settings.terminationGrace
        operation.prepare = { [self] task in try await prepare(task) }
        return operation
    }

    /// Runs the function that a task names.
    ///
    /// - Parameter inputs: what the script runner is called with; nil for another function, and the task's own inputs, which the process
    ///   evaluates.
    /// - Returns: its result.
    /// - Throws: its exception as the manager is to be told of it, or why it cannot be run.
    package func run(_ context: OperationContext, inputs: [String: PropertyValue]? = nil) async throws -> PropertyValue
    {
        let task = try context.task
        let value = task.context
        let described = OperationTaskContext(value)
        let plugin = try await environment(of: task, described)
        let limits = ReachedLimits()
        let outcome = try await dispatch(
            task, described, in: plugin, input: inputs.map { task.input(with: $0) } ?? task.input,
            isScript: inputs != nil, limits: limits)
        switch outcome {
        case .ended(.exited(0), let output):
            guard let output else {
                throw failure(
                    "The operation's process ended without writing output.json.", isRecoverable: true)
            }
            do {
                return try DispatchOutput.result(of: output)
            } catch let failure as OperationFailure {
                throw MissingManager.explained(failure, described, environment: variables(plugin, described)) ?? failure
            }
        case .ended(.exited(let status), _):
            throw failure(limits.completing("Unhandled exception occurred in operation dispatch (rc=\(status))"))
        case .ended(.signalled(let signal), _):
            guard !Task.isCancelled else { throw CancellationError() }
            guard signal == 15 || signal == 9 else {
                throw failure("Unhandled exception occurred in operation dispatch (rc=-\(signal))")
            }
            throw failure(limits.completing("Process terminated (rc=-\(signal))"))
        case .failed(let error):
            throw (error as? ProcessFailure).map { NonRecoverableError("\($0)") } ?? error
        case .timedOut(let running):
            let rest = running.map { ", however it has not stopped yet; please check process ID \($0) manually" } ?? ""
            let seconds = PythonText.of(value["timeout"] ?? .null)
            throw failure(
                "Process killed due to timeout of \(seconds) seconds\(rest)",
                isRecoverable: described.timeoutRecoverable)
        }
    }

    private func prepare(_ task: OperationTask) async throws -> OperationPreparation {
        let context = OperationTaskContext(task.context)
        let plugin = try await findEnvironment(for: context)
        let version = try await versions.version(of: plugin.interpreter, owner: task.key)
        return OperationPreparation(keepsRecord: version < .agentKeepsRecord, value: plugin)
    }

    private func environment(of task: OperationTask, _ context: OperationTaskContext) async throws -> PluginEnvironment
    {
        if let plugin = task.preparation?.value as? PluginEnvironment { return plugin }
        let plugin = try await findEnvironment(for: context)
        // Says what is missing, which a process that cannot import its dispatcher would not.
        _ = try await versions.version(of: plugin.interpreter, owner: task.key)
        return plugin
    }

    private func findEnvironment(for context: OperationTaskContext) async throws -> PluginEnvironment {
        try await environments.environment(
            for: context.facts().plugin, tenant: context.tenantName, deployment: context.deploymentID, task: context)
    }

    private func variables(_ plugin: PluginEnvironment, _ context: OperationTaskContext) -> [String: String] {
        DispatchEnvironment.variables(
            inheriting: settings.environment(), interpreter: plugin.interpreter, task: context)
    }

    private func dispatch(
        _ task: OperationTask, _ context: OperationTaskContext, in plugin: PluginEnvironment, input: [UInt8],
        isScript: Bool, limits: ReachedLimits
    ) async throws -> DispatchRun.Outcome {
        let user = try settings.user.map { try LocalUser($0) }
        let scratch =
            isScript
            ? try ScratchDirectory(in: settings.temporaryDirectory, noted: settings.temporaryDirectories, user: user)
            : nil
        let directory: DispatchDirectory
        do {
            directory = try DispatchDirectory(
                for: context.taskName, in: settings.temporaryDirectory, noted: settings.temporaryDirectories,
                input: ASCIIText.of(input), user: user)
        } catch {
            scratch?.remove()
            throw error
        }
        var request = DispatchRequest(
            interpreter: plugin.interpreter, directory: directory.path, environment: variables(plugin, context),
            logFile: settings.logFile(context.deploymentID), owner: task.key, limits: settings.limits,
            user: settings.user, plugin: plugin)
        request.function = context.taskName
        request.reachedLimits = limits
        request.scratch = scratch?.path
        request.hasOwnVariables = !context.executionEnvironment.isEmpty || context.bypassMaintenance
        let run = DispatchRun(timers: timers, patience: settings.terminationGrace)
        return await run.outcome(on: threads, timeout: context.timeout) { [dispatcher, request] onStart in
            // Also when nobody waits any more: the process may use it until its end.
            defer {
                directory.remove()
                scratch?.remove()
            }
            let end = try await dispatcher.run(request, onStart: onStart)
            return (end, end == .exited(0) ? try directory.output() : nil)
        }
    }

    /// What the agent says itself, and not the plugin: there is no other error behind it.
    private func failure(_ message: String, isRecoverable: Bool = false) -> OperationFailure {
        OperationFailure(
            kind: isRecoverable ? .recoverable(retryAfter: nil) : .nonRecoverable,
            typeName: isRecoverable ? "RecoverableError" : "NonRecoverableError", message: message)
    }
}
