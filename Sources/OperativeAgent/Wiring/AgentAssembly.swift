internal import AMQPClient
internal import AgentConfiguration
internal import AgentExecutors
internal import AgentRuntime
internal import CAgentShims
internal import Journal
internal import Logging
internal import ManagerClient
internal import Observability
internal import OperationProcesses
internal import Operative
internal import PythonPlugins
internal import RabbitMQTransport
internal import ServiceLifecycle

/// Puts an agent together from its configuration and runs it.
///
/// The order of the services is the order of dependency: the runtime stops first, while the transport below it still works.
struct AgentAssembly {
    private let configuration: AgentConfiguration
    private let logger: Logger
    private let state: AgentState
    private let admin: AdminFace
    private let transport: RabbitMQTransport
    /// Nil when log records and events are sent nowhere.
    private let spool: SpoolingTelemetrySink?
    /// What posts them to managers; nil when nothing does.
    private let poster: RESTTelemetrySink?
    private let runtime: AgentRuntime
    /// What runs operations in Python; nil when this agent runs none.
    private let python: PythonWiring.Parts?
    /// The directories of operations, of whatever kind.
    private let temporaryDirectories: TemporaryDirectories
    /// For whoever connects to the manager.
    private let managerTrust: ManagerTrust
    private let managers: ManagerConnections
    private let timers: TimerThread
    private let dispatcher = DispatchThread(name: "op-runtime")
    private let signals = StopSignals()
    private let stopReason = StopReason()
    private let notifier: SystemdNotifier
    private let status: SystemdStatus
    /// Signals, watchdog and connection events have threads to themselves: a plugin that blocks Swift's shared pool blocks none of them.
    private let control = ThreadPool(name: "op-control", limit: 2)

    /// - Parameter reload: reads the configuration anew, as a start would; nil when service tasks may not change it.
    init(
        configuration: AgentConfiguration, registry: OperationRegistry,
        reload: (@Sendable () throws(ConfigurationError) -> AgentConfiguration)? = nil
    ) throws {
        self.configuration = configuration
        if configuration.log.coreDumps { _ = agent_open_memory(1) }
        let timers = TimerThread()
        self.timers = timers
        notifier = SystemdNotifier(environment: ProcessEnvironment.all) { _ = timers.schedule(after: $0, $1) }
        status = SystemdStatus(operationQueue: "\(configuration.queue)_operation", notifier: notifier)
        logger = try AgentLogging.bootstrap(configuration)
        for notice in configuration.notices { logger.notice("\(notice)") }
        configuration.operations.limits.tellWhatIsNotKept(logger)
        state = try AgentState.open(configuration, logger: logger)
        admin = AdminFace(configuration: configuration, logger: logger)
        admin.open()
        transport = RabbitMQTransport(
            configuration: configuration.transport, timers: timers, dispatcher: dispatcher, logger: logger)
        let namedManagers = NamedManagers(in: configuration.stateDirectory)
        managerTrust = ManagerTrust(
            caFile: configuration.daemon?.restCAFile,
            hosts: configuration.daemon == nil ? nil : try namedManagers.read())
        managers = ManagerConnections(configuration, trust: managerTrust, logger: logger)
        let telemetry = TelemetryRoute(configuration).sink(over: transport, or: managers, logger: logger)
        poster = telemetry as? RESTTelemetrySink
        spool = AgentState.spool(configuration, over: telemetry, timers: timers, logger: logger)
        let maintenance = reload.map { [transport, managerTrust, logger, control] reload in
            DaemonMaintenance(
                transport: transport, managerTrust: managerTrust, namedManagers: namedManagers, executor: control,
                logger: logger, reload: reload)
        }
        var ports = RuntimePorts(
            operations: transport.operations, services: transport.services, sink: transport.sink,
            telemetry: spool ?? SilentTelemetrySink(), journal: state.journal,
            cancellations: state.cancellations,
            manager: Self.manager(configuration, state, managers), archive: state.archive, maintenance: maintenance,
            logger: logger)
        let temporaryDirectories = TemporaryDirectories(notes: "\(configuration.stateDirectory)/temporary")
        self.temporaryDirectories = temporaryDirectories
        let log = DeploymentOperationLog(configuration.daemon)
        ports.operationLog = log
        let pythonWiring = PythonWiring(
            configuration: configuration, temporaryDirectories: temporaryDirectories, ledger: state.processes,
            trust: managerTrust, managers: managers,
            environment: ProcessEnvironment.all, log: log, timers: timers, logger: logger)
        let python = pythonWiring.parts()
        self.python = python
        ports.plugins = python?.plugins
        let withScripts = AgentScripts(
            configuration: configuration, ledger: state.processes, python: python?.operations,
            interpreter: pythonWiring.interpreter, temporaryDirectories: temporaryDirectories
        ).add(to: registry)
        let served = python.map { python in withScripts.withFallback { python.operation(for: $0) } } ?? withScripts
        runtime = AgentRuntime(
            configuration: configuration.runtime, registry: served, ports: ports, timers: timers,
            dispatcher: dispatcher)
        admin.attach(
            AdminFace.Parts(
                runtime: runtime,
                delayLayout: { [transport] in transport.delayLayout?.prefix },
                telemetry: { [spool] in spool?.status },
                giveUpStarting: { [transport, control] in
                    Task(executorPreference: control) { await transport.close(within: .zero) }
                },
                onStop: { [notifier] in notifier.stopping() }))
    }

    /// Serves until it is told to stop.
    func run() async throws {
        try await withTaskExecutorPreference(control) {
            defer { admin.close() }
            async let following: Void = admin.follow(transport.subscribe())
            try await signals.listening {
                await state.archive.takeOverFiles()
                // A signal that comes meanwhile is obeyed afterwards: the start gives up at once then.
                await endOrphans()
                sweepTemporaryDirectories()
                if try await start() { try await serve() }
            }
            await following
            await python?.warm?.close()
            await poster?.rest(within: .seconds(1), timers: timers)
            await spool?.close(within: .seconds(2))
            await managers.shutdown()
            await state.close()
            logger.notice("Stopped")
            if let failure = stopReason.failure { throw failure }
        }
    }

    /// Before any task is taken up again: none may be run anew beside what is left of its last attempt.
    private func endOrphans() async {
        guard let ledger = state.processes as? JournalProcessLedger else { return }
        await OrphanedProcesses(ledger: ledger, timers: timers, logger: logger).end()
    }

    /// What a killed agent has left: nobody uses it any more now that its processes have ended.
    private func sweepTemporaryDirectories() {
        for left in temporaryDirectories.sweep() {
            switch left {
            case .stuck(let path, let reason):
                logger.error(
                    "A directory that an earlier agent left cannot be removed: remove it by hand, a token may be in it",
                    metadata: ["directory": "\(path)", "error": "\(reason)"])
            case .replaced(let path):
                logger.warning(
                    "Something else is in the place of a directory that an earlier agent left: it was not removed",
                    metadata: ["directory": "\(path)"])
            }
        }
    }

    /// Only an agent in the place of a Cloudify agent speaks to managers.
    private static func manager(
        _ configuration: AgentConfiguration, _ state: AgentState, _ connections: ManagerConnections
    ) -> any Manager {
        guard configuration.daemon != nil else { return state.manager }
        return RESTManager(connections: connections, environment: ProcessEnvironment.all, local: state.manager)
    }

    /// A journal that cannot be written any more until the agent starts anew: it ends, and is to be restarted.
    private func stopWhenJournalIsLost() {
        (state.journal as? SQLiteJournal)?.onLoss { [stopReason, logger, notifier, runtime] reason in
            let failure = CommandFailure(
                message: "stopped for a new start: \(reason)", status: ExitStatus.temporaryFailure)
            guard stopReason.note(failure) else { return }
            logger.error(
                "The journal is lost to this process: stopping for a new start", metadata: ["reason": "\(reason)"])
            notifier.stopping()
            runtime.requestStop()
        }
    }

    private func serve() async throws {
        stopWhenJournalIsLost()
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(
                        service: ConnectionEventService(transport: transport, status: status, logger: logger)),
                    .init(service: IntakeStatusService(runtime: runtime, status: status)),
                    .init(
                        service: QueueWatchService(
                            transport: transport, runtime: runtime, broker: configuration.broker, reason: stopReason,
                            notifier: notifier, logger: logger)),
                    .init(service: SweepService(transport: transport, executor: control)),
                    .init(
                        service: RuntimeService(
                            runtime: runtime, signals: signals, watchdog: watchdog, notifier: notifier, logger: logger),
                        successTerminationBehavior: .gracefullyShutdownGroup),
                ],
                logger: logger))
        do {
            try await group.run()
        } catch {
            throw CommandFailure(message: "stopped by an error: \(error)", status: ExitStatus.software)
        }
        await transport.close(within: .seconds(2))
    }

    /// Everything that has to go on for the agent to be of use.
    private var watchdog: WatchdogLoop {
        WatchdogLoop(
            notifier: notifier,
            loops: [
                MonitoredLoop(name: "runtime") { await runtime.takeTurn() },
                MonitoredLoop(name: "consume") { await transport.takeConsumingTurn() },
                MonitoredLoop(name: "publish") { await transport.takePublishingTurn() },
                // A write that fails is an answer too; only a writer that hangs is stuck.
                MonitoredLoop(name: "journal") { await runtime.checkStorage() },
            ], executor: control, logger: logger
        ) { await timers.sleep(for: $0) }
    }

    private var operationQueue: String { "\(configuration.queue)_operation" }

    /// Connects and begins to consume.
    ///
    /// - Returns: false when a signal came first; the connections are closed then.
    private func start() async throws -> Bool {
        notifier.status("connecting to the broker")
        let starting = Task(executorPreference: control) {
            try await transport.start(within: configuration.broker.startupTimeout) { limit in
                notifier.status("waiting for another consumer to let go of \(operationQueue)")
                notifier.extendTimeout(by: limit + .seconds(30))
            }
        }
        // Nothing has been taken yet, so there is nothing to wait for.
        signals.onSignal { _ in
            notifier.stopping()
            starting.cancel()
            Task(executorPreference: control) { await transport.close(within: .zero) }
        }
        let result = await starting.result
        // From here on signals are the runtime's, which hears of them as soon as it runs.
        guard signals.handOver() == 0 else {
            await transport.close(within: .zero)
            return false
        }
        do {
            try result.get()
        } catch {
            await transport.close(within: .zero)
            // Nothing was run: the next start must not take this for one more death of what an earlier agent left running.
            await state.close()
            if admin.health.phase == .stopping { return false }
            guard let error = error as? AMQPError else { throw error }
            throw BrokerFailure.commandFailure(for: error, configuration.broker)
        }
        guard admin.health.beginServing() else {
            await transport.close(within: .zero)
            return false
        }
        spool?.start()
        logger.notice(
            "Ready",
            metadata: [
                "queue": "\(configuration.queue)", "concurrency": "\(configuration.concurrency)",
                "retries": "\(transport.delayLayout.map { "wait in the broker (\($0.prefix))" } ?? "are answered")",
            ])
        status.ready()
        return true
    }
}
