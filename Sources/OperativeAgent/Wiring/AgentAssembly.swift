internal import AgentConfiguration
internal import AgentExecutors
internal import AgentRuntime
internal import Journal
internal import Logging
internal import Observability
internal import Operative
internal import RabbitMQTransport
internal import ServiceLifecycle
internal import UnixSignals

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
    private let runtime: AgentRuntime
    private let timers = TimerThread()
    private let dispatcher = DispatchThread(name: "op-runtime")
    private let notifier = SystemdNotifier(environment: ProcessEnvironment.all)
    /// Signals, watchdog and connection events have threads to themselves: a plugin that blocks Swift's shared pool blocks none of them.
    private let control = ThreadPool(name: "op-control", limit: 2)

    init(configuration: AgentConfiguration, registry: OperationRegistry) throws {
        self.configuration = configuration
        logger = AgentLogging.bootstrap(configuration.log, agentName: configuration.name)
        for notice in configuration.notices { logger.notice("\(notice)") }
        state = try AgentState.open(configuration, logger: logger)
        admin = AdminFace(configuration: configuration, logger: logger)
        admin.open()
        transport = RabbitMQTransport(
            configuration: configuration.transport, timers: timers, dispatcher: dispatcher, logger: logger)
        spool = AgentState.spool(configuration, over: transport.telemetry, timers: timers, logger: logger)
        runtime = AgentRuntime(
            configuration: configuration.runtime, registry: registry,
            ports: RuntimePorts(
                operations: transport.operations, services: transport.services, sink: transport.sink,
                telemetry: spool ?? SilentTelemetrySink(), journal: state.journal,
                cancellations: state.cancellations,
                instances: state.instances, archive: state.archive, logger: logger),
            timers: timers, dispatcher: dispatcher)
        admin.attach(
            AdminFace.Parts(
                runtime: runtime, executor: control,
                delayLayout: { [transport] in transport.delayLayout?.prefix },
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
            guard try await start() else {
                await state.close()
                return logger.notice("Stopped before the start")
            }
            let group = ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    services: [
                        .init(
                            service: ConnectionEventService(transport: transport, notifier: notifier, logger: logger)),
                        .init(service: SweepService(transport: transport)),
                        .init(
                            service: RuntimeService(runtime: runtime, notifier: notifier, logger: logger),
                            successTerminationBehavior: .gracefullyShutdownGroup),
                    ],
                    gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
            do {
                try await group.run()
            } catch {
                throw CommandFailure(message: "stopped by an error: \(error)", status: ExitStatus.software)
            }
            await transport.close(within: .seconds(2))
            await following
            await spool?.close(within: .seconds(2))
            await state.close()
            logger.notice("Stopped")
        }
    }

    /// - Returns: false when the agent was told to stop before it had started.
    private func start() async throws -> Bool {
        notifier.status("connecting to the broker")
        do {
            try await transport.start(within: configuration.broker.startupTimeout)
        } catch {
            await transport.close(within: .zero)
            if admin.health.phase == .stopping { return false }
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
        notifier.ready(status: "consuming from \(configuration.queue)_operation")
        return true
    }
}
