internal import AMQPClient
internal import AdminSocket
internal import AgentConfiguration
internal import AgentExecutors
internal import AgentRuntime
internal import Journal
internal import Logging
internal import Operative
internal import Synchronization

/// What the running agent shows and does for the command line on its own machine, from the moment its state directory is locked.
final class AdminFace: Sendable {
    /// What the parts of the agent do on request; they come into being after the socket.
    struct Parts: Sendable {
        var runtime: AgentRuntime
        var delayLayout: @Sendable () -> String?
        /// Nil when log records and events are sent nowhere.
        var telemetry: @Sendable () -> TelemetryStatus?
        /// Ends the attempt to connect, for an agent that is stopped before it has started.
        var giveUpStarting: @Sendable () -> Void
        /// Called when a stop was asked for here.
        var onStop: @Sendable () -> Void
    }

    private enum Command: String, CaseIterable {
        case status
        case operations
        case cancel
        case drain
        case retryReply = "retry_reply"
    }

    let health: AgentHealth
    private let configuration: AgentConfiguration
    private let logger: Logger
    private let parts = Mutex<Parts?>(nil)
    private let server = Mutex<AdminServer?>(nil)
    /// Where requests are served that read from the disk: a long search must hold up neither signals nor the watchdog.
    private let disk = ThreadPool(name: "op-admin-disk", limit: 1)
    private let programVersion = ProgramIdentity.current.version

    /// To be made when the state directory is locked.
    init(configuration: AgentConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        health = AgentHealth(
            connections: ["consume", "publish"], operationQueue: "\(configuration.queue)_operation")
    }

    /// Listens. An agent without this socket works all the same, so a failure is only logged.
    func open() {
        do throws(AdminError) {
            let server = try AdminServer(directory: configuration.stateDirectory) { [weak self] request, answer in
                guard let self else { return answer(.failure(AdminError(.unavailable, "the agent has stopped"))) }
                self.serve(request, answer)
            }
            self.server.withLock { $0 = server }
        } catch {
            logger.warning("The commands status, operations, cancel and drain will not find this agent. \(error)")
        }
    }

    func attach(_ parts: Parts) { self.parts.withLock { $0 = parts } }

    func close() { server.withLock { $0.take() }?.stop() }

    /// Follows the connections until they are closed.
    func follow(_ connections: [(connection: String, events: AsyncStream<AMQPConnectionEvent>)]) async {
        await withDiscardingTaskGroup { group in
            for (name, events) in connections {
                group.addTask { [health] in
                    for await event in events { health.apply(event, to: name) }
                }
            }
        }
    }

    /// As SIGTERM does: no new tasks, what runs may end, then the agent ends.
    func stop() {
        let phase = health.beginStopping()
        guard phase != .stopping, let parts = attached else { return }
        logger.notice("Told to stop by the command line")
        parts.onStop()
        if phase == .starting { parts.giveUpStarting() } else { parts.runtime.requestStop() }
    }

    private var attached: Parts? { parts.withLock { $0 } }

    private func serve(_ request: AdminRequest, _ answer: @escaping @Sendable (AdminAnswer) -> Void) {
        switch Command(rawValue: request.command) {
        case .status:
            answer(.success(status.summary))
        case .operations:
            answer(.success(status.operations))
        case .cancel:
            cancel(request, answer)
        case .drain:
            stop()
            if request.arguments["now"] == true { attached?.runtime.hurry() }
            answer(.success(["running": .integer(status.runtime.count(.running))]))
        case .retryReply:
            // It reads from the disk, which may take its time: not on the thread that answers everybody.
            guard let parts = attached else { return answer(.failure(.starting)) }
            Task(executorPreference: disk) { [configuration] in
                await ReplyResending(
                    directory: configuration.stateDirectory, runtime: parts.runtime
                ).serve(request, answer)
            }
        case nil:
            let known = Command.allCases.map(\.rawValue).joined(separator: ", ")
            answer(
                .failure(AdminError(.unknownCommand, "this agent has no command '\(request.command)'; it has \(known)"))
            )
        }
    }

    private func cancel(_ request: AdminRequest, _ answer: @escaping @Sendable (AdminAnswer) -> Void) {
        guard let executionID = request.arguments["execution_id"]?.stringValue, !executionID.isEmpty else {
            return answer(.failure(AdminError(.badRequest, "cancel needs execution_id, a text that is not empty")))
        }
        guard let runtime = attached?.runtime else {
            return answer(.failure(.starting))
        }
        runtime.cancel(executionID: executionID) { result in
            answer(
                .success([
                    "tasks": .integer(result.tasks), "unwritten": result.unwritten.map(PropertyValue.string) ?? .null,
                ]))
        }
    }

    private var status: AgentStatus {
        let parts = attached
        let runtime = parts?.runtime.status ?? RuntimeStatus(slots: configuration.concurrency)
        return AgentStatus(
            agentName: configuration.name, queue: configuration.queue, stateDirectory: configuration.stateDirectory,
            programVersion: programVersion, started: health.started, phase: health.phase,
            connections: health.connections, problems: health.problems + (runtime.problem.map { [$0] } ?? []),
            delayLayout: parts?.delayLayout(), telemetryMode: configuration.telemetry.mode.rawValue,
            telemetry: parts?.telemetry(),
            runtime: runtime)
    }
}

extension AdminError {
    fileprivate static var starting: AdminError {
        AdminError(.unavailable, "the agent is only just starting; try again")
    }
}
