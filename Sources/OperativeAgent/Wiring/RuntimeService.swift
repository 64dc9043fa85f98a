internal import AgentRuntime
internal import Logging
internal import Observability
internal import ServiceLifecycle

/// The runtime as a service: the first signal drains it, a second one cuts the drain short.
struct RuntimeService: Service {
    let runtime: AgentRuntime
    let signals: StopSignals
    let watchdog: WatchdogLoop
    let notifier: SystemdNotifier
    let logger: Logger

    func run() async throws {
        await withTaskGroup { group in
            group.addTask { await watchdog.run() }
            signals.onSignal { count in
                if count == 1 { return stop() }
                logger.warning("Second signal: running operations are cancelled now")
                runtime.hurry()
            }
            await withGracefulShutdownHandler {
                await runtime.run()
            } onGracefulShutdown: {
                stop()
            }
            group.cancelAll()
        }
    }

    /// When it has drained, the runtime ends, and with it the group of services.
    private func stop() {
        notifier.stopping()
        runtime.requestStop()
    }
}
