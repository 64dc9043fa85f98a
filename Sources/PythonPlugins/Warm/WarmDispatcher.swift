internal import Glibc
package import Logging
package import OperationProcesses
import Operative

/// Runs a plugin's function in a child of a process that has imported the plugin already, and in a Python of its own where that could
/// come to another result.
package struct WarmDispatcher: PythonDispatcher {
    private let cold: any PythonDispatcher
    private let ledger: any ProcessLedger
    private let grace: Duration
    private let parents: WarmParents

    /// - Parameters:
    ///   - cold: Runs what cannot run warm.
    ///   - ledger: Is told of each child before its first instruction.
    ///   - grace: How long a child that is ended has between SIGTERM and SIGKILL.
    package init(
        cold: any PythonDispatcher, ledger: any ProcessLedger, settings: WarmSettings = WarmSettings(),
        grace: Duration = .seconds(5), logger: Logger
    ) {
        self.cold = cold
        self.ledger = ledger
        self.grace = grace
        parents = WarmParents(settings: settings, logger: logger)
    }

    /// Ends all parents. What is asked for later runs cold.
    package func close() async { await parents.close() }

    package func run(
        _ request: DispatchRequest, onStart: @escaping @Sendable (RunningProcess) async -> Void
    ) async throws -> ProcessEnd {
        guard let module = module(of: request) else { return try await cold.run(request, onStart: onStart) }
        let environment = WarmEnvironment(request, module: module)
        let operation = WarmOperation(
            directory: request.directory, module: module, logFile: request.logFile, scratch: request.scratch)
        // A parent whose files have changed is replaced once; files that change all the time are not waited for.
        for _ in 0..<2 {
            let parent: WarmParent
            switch await parents.choose(environment, module: module) {
            case .warm(let chosen): parent = chosen
            case .cold(let reason):
                await parents.tell(environment, reason: reason)
                return try await cold.run(request, onStart: onStart)
            }
            guard let ticket = parent.ask(operation) else { continue }
            let answer = await withTaskCancellationHandler {
                await ticket.answer.value()
            } onCancel: {
                parent.drop(ticket)
            }
            switch answer {
            case .began(let pid):
                if let end = try await attend(ticket, of: parent, pid: pid, request: request, onStart: onStart) {
                    await parents.succeeded(environment)
                    return end
                }
                return try await cold.run(request, onStart: onStart)
            case .cold(let verdict):
                if verdict.always {
                    await parents.forget(parent)
                    await parents.judge(environment, module: module, reason: verdict.reason)
                }
                await parents.tell(environment, reason: verdict.reason)
                return try await cold.run(request, onStart: onStart)
            case .stale: await parents.forget(parent)
            case .gone(let reason):
                if Task.isCancelled { return .signalled(SIGTERM) }
                await parents.died(parent, reason: reason)
                await parents.tell(environment, reason: reason)
                return try await cold.run(request, onStart: onStart)
            }
        }
        return try await cold.run(request, onStart: onStart)
    }

    /// Follows a child from before its first instruction to its end.
    ///
    /// - Returns: nil when it certainly never began.
    private func attend(
        _ ticket: WarmTicket, of parent: WarmParent, pid: Int32, request: DispatchRequest,
        onStart: @Sendable (RunningProcess) async -> Void
    ) async throws -> ProcessEnd? {
        let group: ProcessGroup
        do {
            group = try ProcessGroup(leader: pid)
        } catch {
            parent.drop(ticket)
            await parents.died(parent, reason: "\(error)")
            return nil
        }
        do {
            try await ledger.began(group, owner: request.owner)
        } catch {
            parent.drop(ticket)
            throw error
        }
        await onStart(RunningProcess(pid: pid))
        // A cancelled operation begins all the same and is ended at once: its end is told like that of any other.
        parent.go(ticket)
        let end = await ending(group) { await ticket.end.value() }
        switch end {
        case .ended(let end):
            await ledger.ended(group)
            return end
        case .unknown(let reason):
            await ending(group) { await group.waitForLeader() }
            await ledger.ended(group)
            await parents.died(parent, reason: reason)
            // Whoever ends it is as good a reason for the missing answer as the parent's death.
            if Task.isCancelled, !hasAnswer(request) { return .signalled(SIGTERM) }
            guard hasBegun(request) else { return nil }
            return hasAnswer(request) ? .exited(0) : .exited(1)
        }
    }

    /// Waits for something that comes when the tree's leader has ended, and ends the tree when the task is cancelled.
    private func ending<Value: Sendable>(
        _ group: ProcessGroup, _ wait: @escaping @Sendable () async -> Value
    ) async -> Value {
        let over = Promise<Void>()
        return await withTaskCancellationHandler {
            let value = await wait()
            if Task.isCancelled { await over.value() }
            return value
        } onCancel: {
            // Not a child task: those are cancelled themselves.
            Task(executorPreference: ProcessThreads.executor) {
                _ = await TreeEnding(timers: ProcessThreads.timers, grace: grace).end(group, wasFollowed: true)
                over.keep(())
            }
        }
    }

    /// The module to import; nil for what must run cold.
    private func module(of request: DispatchRequest) -> String? {
        guard request.user == nil, request.limits == ProcessLimits(), !request.hasOwnVariables else { return nil }
        guard let function = request.function ?? functionInInput(request) else { return nil }
        guard let dot = function.lastIndex(of: "."), dot != function.startIndex else { return nil }
        return String(function[..<dot])
    }

    private func functionInInput(_ request: DispatchRequest) -> String? {
        guard let input = json(request.directory + "/input.json") else { return nil }
        return input["cloudify_context"]?["task_name"]?.stringValue
    }

    /// Whether the child has had the word: it leaves this file before anything else.
    private func hasBegun(_ request: DispatchRequest) -> Bool {
        !FileContents.isMissing(request.directory + "/.begun")
    }

    private func hasAnswer(_ request: DispatchRequest) -> Bool { json(request.directory + "/output.json") != nil }

    private func json(_ path: String) -> PropertyValue? {
        guard let bytes = FileContents.read(path) else { return nil }
        return try? PropertyValue(json: bytes)
    }
}
